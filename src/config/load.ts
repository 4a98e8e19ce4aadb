import { parse, TomlError } from 'smol-toml';
import type { z } from 'zod';
import { readTrustedFile } from '../files/trusted-file.ts';
import { cleanText } from '../model/clean.ts';
import { keyLines } from './key-line.ts';
import { type Config, configSchema } from './schema.ts';

export type Loaded<T> =
  | { readonly ok: true; readonly value: T }
  /** One error a line, each with file, line, key and value. */
  | { readonly ok: false; readonly errors: readonly string[] };

/** A screen of them; the rest is most often the same mistake again. */
const ERRORS_TOLD = 20;

/** The configuration of a file; a missing one gives the defaults unless it was asked for by name. */
export function loadConfig(path: string, mustExist: boolean): Loaded<Config> {
  const file = readTrustedFile(path);
  switch (file.kind) {
    case 'missing':
      if (mustExist) return { ok: false, errors: [`${path}: no such file`] };
      return { ok: true, value: configSchema.parse({}) };
    case 'refused':
      return { ok: false, errors: [file.error] };
    case 'ok':
      return parseToml(file.text, path, configSchema);
  }
}

/** Reads TOML by a schema; every error names the file, the line, the key and what stood there. */
export function parseToml<S extends z.ZodType>(text: string, path: string, schema: S): Loaded<z.infer<S>> {
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const what = error.message.split('\n', 1)[0]?.replace(/^Invalid TOML document: /, '') ?? 'not TOML';
    return { ok: false, errors: [`${path}:${error.line}: ${what}`] };
  }
  const checked = schema.safeParse(raw);
  if (checked.success) return { ok: true, value: checked.data };
  const faults = checked.error.issues.flatMap(faultsOf);
  return { ok: false, errors: firstErrors(faults, text, path, (fault) => explain(fault, raw)) };
}

/** The first errors with file, line and key, and how many more there are; `what` tells what is wrong with a key. */
export function firstErrors<T extends Keyed>(
  faults: readonly T[],
  text: string,
  path: string,
  what: (fault: T) => string,
): readonly string[] {
  const first = faults.slice(0, ERRORS_TOLD);
  const keys = first.map(({ key }) => key);
  const lines = keyLines(text, keys);
  const told = first.map(
    (fault, i) => `${path}:${lines[i]}: ${fault.key.join('.') || '(top level)'}: ${what(fault)}`,
  );
  const more = faults.length - told.length;
  return more === 0 ? told : [...told, `${path}: ${more} more errors`];
}

interface Keyed {
  readonly key: readonly (string | number)[];
}

interface Fault extends Keyed {
  readonly message: string;
  /** What stood there helps. */
  readonly showsValue: boolean;
}

function faultsOf(issue: z.core.$ZodIssue): readonly Fault[] {
  const base = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      key: [...base, key],
      message: 'is not a known key',
      showsValue: false,
    }));
  }
  return [{ key: base, message: issue.message.replace(/^Invalid input: /, ''), showsValue: true }];
}

function explain({ key, message, showsValue }: Fault, raw: unknown): string {
  const found = showsValue ? valueAt(raw, key) : undefined;
  return found === undefined
    ? message
    : `${message}, found ${cleanText(withoutSecrets(JSON.stringify(found)), 60)}`;
}

/** What an address may carry that no log or screen may show: a password, or a key in its query. */
function withoutSecrets(text: string): string {
  return text.replace(/:\/\/[^"]*@/g, '://…@').replace(/(:\/\/[^"]*)[?#][^"]*/g, '$1?…');
}

function valueAt(raw: unknown, path: readonly (string | number)[]): unknown {
  let value = raw;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}
