import { parse, TomlError } from 'smol-toml';
import type { z } from 'zod';
import { readTrustedFile } from '../files/trusted-file.ts';
import { cleanText } from '../model/clean.ts';
import { keyLine } from './key-line.ts';
import { type Config, configSchema } from './schema.ts';

export type Loaded<T> =
  | { readonly ok: true; readonly value: T }
  /** One error a line, each with file, line, key and value. */
  | { readonly ok: false; readonly errors: readonly string[] };

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
  return { ok: false, errors: checked.error.issues.flatMap((issue) => explain(issue, raw, text, path)) };
}

function explain(issue: z.core.$ZodIssue, raw: unknown, text: string, path: string): string[] {
  const base = issue.path.filter((part) => typeof part !== 'symbol');
  const keys = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...base, key]) : [base];
  return keys.map((key) => {
    const name = key.join('.') || '(top level)';
    const what =
      issue.code === 'unrecognized_keys'
        ? 'is not a known key'
        : issue.message.replace(/^Invalid input: /, '');
    const found = valueAt(raw, key);
    const shown =
      found === undefined ? '' : `, found ${cleanText(withoutSecrets(JSON.stringify(found)), 60)}`;
    return `${path}:${keyLine(text, key)}: ${name}: ${what}${issue.code === 'unrecognized_keys' ? '' : shown}`;
  });
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
