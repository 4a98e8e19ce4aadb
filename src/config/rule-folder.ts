import { existsSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeAtomically } from '../files/atomic-file.ts';
import { ensurePrivateDir } from '../files/private-folder.ts';
import { readTrustedFile } from '../files/trusted-file.ts';
import type { RuleId, UnixMs } from '../model/brand.ts';
import type { Checked, CheckedRule } from '../policy/rules/text.ts';
import type { RuleDraft } from '../schema/rule.ts';
import type { Loaded } from './load.ts';
import type { Paths } from './paths.ts';
import { parseRuleFile } from './rule-file.ts';

/** The rules of a folder of files. */
export interface RuleFolder {
  readonly rules: readonly CheckedRule[];
  /** For a person, with file and line: what is wrong, and which rules stay in force all the same. */
  readonly errors: readonly string[];
  /** By name the text of a file that is good, null of one that is not. */
  readonly files: ReadonlyMap<string, string | null>;
}

/** The rule files beside the configuration. */
export const rulesFolder = (paths: Paths): string => join(dirname(paths.config), 'rules.d');

/** Copies of them as they were when they were last good. */
const keptFolder = (paths: Paths): string => join(paths.state, 'rules.d.last');

/**
 * Reads the rules of every `*.toml` of the folder, in the order of the file names. A file that is bad serves as it was when it was
 * last good: a mistake in it must not open what it blocks. Writes nothing.
 */
export function readRuleFolder(paths: Paths, now: UnixMs): RuleFolder {
  const rules: CheckedRule[] = [];
  const files = new Map<string, string | null>();
  const found = listFiles(rulesFolder(paths));
  const errors: string[] = found.error === null ? [] : [found.error];
  for (const name of found.error === null ? found.names : listFiles(keptFolder(paths)).names) {
    const path = join(rulesFolder(paths), name);
    const file = found.error === null ? readRules(path) : UNREADABLE;
    if (file === null) continue;
    files.set(name, file.text);
    const last = file.read.ok ? null : readRules(join(keptFolder(paths), name));
    const read = last?.read.ok === true ? last.read : file.read;
    if (!file.read.ok) errors.push(...file.read.errors, `${path}: ${inForce(read)}`);
    if (read.ok) rules.push(...read.value.map((draft, index) => fileRule(draft, name, index, now)));
  }
  return { rules, errors, files };
}

/**
 * Keeps the good files for `readRuleFolder`, after a restart too, and forgets those that are gone. Returns what went wrong, one line
 * each.
 */
export function keepRuleFiles(paths: Paths, { files }: RuleFolder): readonly string[] {
  const kept = keptFolder(paths);
  if (files.size === 0 && !existsSync(kept)) return [];
  try {
    ensurePrivateDir(kept);
    for (const name of readdirSync(kept)) if (!files.has(name)) rmSync(join(kept, name), { force: true });
    for (const [name, text] of files) {
      const path = join(kept, name);
      const before = readTrustedFile(path);
      if (text !== null && (before.kind !== 'ok' || before.text !== text)) writeAtomically(path, text);
    }
    return [];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [`${kept}: not kept, so a mistake in a rule file would cost its rules: ${why}`];
  }
}

function listFiles(folder: string): { readonly names: readonly string[]; readonly error: string | null } {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.toml') && !name.startsWith('.'));
    return { names: names.sort(), error: null };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    // The folder is optional.
    return { names: [], error: code === 'ENOENT' ? null : `${folder}: cannot be read (${code})` };
  }
}

interface ReadFile {
  /** Null of a file that is bad. */
  readonly text: string | null;
  readonly read: Loaded<Checked<RuleDraft>[]>;
}

const UNREADABLE: ReadFile = { text: null, read: { ok: false, errors: [] } };

/** Null when there is no such file. */
function readRules(path: string): ReadFile | null {
  const file = readTrustedFile(path);
  if (file.kind === 'missing') {
    // A link that leads nowhere is a mistake, not a file that was taken away.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return null;
    return { text: null, read: { ok: false, errors: [`${path}: is a link that leads nowhere`] } };
  }
  if (file.kind === 'refused') return { text: null, read: { ok: false, errors: [file.error] } };
  const read = parseRuleFile(file.text, path);
  return { text: read.ok ? file.text : null, read };
}

function inForce(read: ReadFile['read']): string {
  if (!read.ok) return 'none of its rules is in force';
  return `what it said before stays in force (${read.value.length} ${read.value.length === 1 ? 'rule' : 'rules'})`;
}

function fileRule(
  { rule, pattern }: Checked<RuleDraft>,
  name: string,
  index: number,
  now: UnixMs,
): CheckedRule {
  const id = `file:${name}:${index + 1}` as RuleId;
  return {
    rule: { ...rule, until: rule.until as UnixMs | null, id, createdAt: now, origin: 'file' },
    pattern,
  };
}
