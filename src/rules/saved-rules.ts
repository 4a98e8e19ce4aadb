import { join } from 'node:path';
import { readTrustedFile } from '../files/trusted-file.ts';
import type { CheckedRule } from '../policy/rules/text.ts';
import { parseRules, type ReadRules, RULES_MAX_BYTES } from './rules-json.ts';
import { rulesOfLedger } from './rules-of-ledger.ts';

/** The file of rules in a state folder. */
export const rulesPath = (stateDir: string): string => join(stateDir, 'rules.json');
/** The file as it was before its last change. */
export const lastGoodPath = (path: string): string => `${path}.last`;

/** What was kept. */
export type SavedRules =
  | {
      readonly ok: true;
      readonly rules: readonly CheckedRule[];
      /** `damaged`: some or all of the file cannot be read. `missing`: the rules come from elsewhere, or there are none yet. */
      readonly file: 'whole' | 'damaged' | 'missing';
      /** What a person should know; null when all is well. */
      readonly notice: string | null;
    }
  /** There is something, and none of it can be read. */
  | { readonly ok: false; readonly error: string };

/**
 * Reads the saved rules of a state folder, with an engine or without, and changes nothing. Where their file is gone or damaged the
 * last good one serves; where neither ever was, what an older resolagent kept in its ledger.
 */
export function readSavedRules(stateDir: string): SavedRules {
  const path = rulesPath(stateDir);
  const main = readFile(path);
  if (main?.ok === true) return saved(main, path, 'whole');
  const last = readFile(lastGoodPath(path));
  if (main === null && last === null) {
    const ledger = join(stateDir, 'ledger.db');
    const old = rulesOfLedger(ledger);
    return old.ok ? saved(old, ledger, 'missing') : old;
  }
  const what = main === null ? `${path} is gone` : main.error;
  if (last?.ok !== true) return { ok: false, error: last === null ? what : `${what}; ${last.error}` };
  return {
    ok: true,
    rules: last.rules,
    file: main === null ? 'missing' : 'damaged',
    notice: `${what}; the rules from before its last change are in force`,
  };
}

function saved(
  { rules, unreadable }: Extract<ReadRules, { ok: true }>,
  path: string,
  file: 'whole' | 'missing',
): SavedRules {
  if (unreadable === 0) return { ok: true, rules, file, notice: null };
  const notice = `${unreadable} rules in ${path} cannot be read`;
  return { ok: true, rules, file: file === 'whole' ? 'damaged' : file, notice };
}

/** Null when there is no such file; errors begin with the path. */
function readFile(path: string): ReadRules | null {
  const file = readTrustedFile(path, { maxBytes: RULES_MAX_BYTES });
  if (file.kind === 'missing') return null;
  if (file.kind === 'refused') return { ok: false, error: file.error };
  const read = parseRules(file.text);
  return read.ok ? read : { ok: false, error: `${path}: ${read.error}` };
}
