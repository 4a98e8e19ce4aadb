import { z } from 'zod';
import type { Rule } from '../model/rule.ts';
import { type CheckedRule, checkRule } from '../policy/rules/text.ts';
import { ruleSchema } from '../schema/rule.ts';

/** Longest text of rules that is read, and so the longest that is written: three thousand bytes for each of the most rules. */
export const RULES_MAX_BYTES = 64 * 1_048_576;
/** The shape that is written; one of a later version is not understood. */
const VERSION = 1;
/** Rules in one piece of the text. */
const PIECE_RULES = 500;

const fileSchema = z.object({ version: z.int(), rules: z.array(z.unknown()) });

export type ReadRules =
  | { readonly ok: true; readonly rules: readonly CheckedRule[]; readonly unreadable: number }
  | { readonly ok: false; readonly error: string };

/** Reads what `rulesText` wrote. What is no rule in it is left out and counted; the error is to be read behind the path. */
export function parseRules(text: string): ReadRules {
  const file = fileSchema.safeParse(jsonOf(text));
  if (!file.success) return { ok: false, error: 'is damaged' };
  if (file.data.version > VERSION)
    return { ok: false, error: 'was written by a newer resolagent; update, or move it away' };
  return { ok: true, ...checkRules(file.data.rules) };
}

/** Rules as one text, a rule a line, in pieces that take less than a millisecond each. Throws when it is too long to be read again. */
export function* rulesText(rules: readonly Rule[]): Generator<string> {
  yield `{"version":${VERSION},"rules":[`;
  let bytes = 0;
  for (let at = 0; at < rules.length; at += PIECE_RULES) {
    const lines = rules.slice(at, at + PIECE_RULES).map((rule) => JSON.stringify(rule));
    const piece = `${at === 0 ? '' : ','}\n${lines.join(',\n')}`;
    bytes += Buffer.byteLength(piece);
    if (bytes > RULES_MAX_BYTES - 100) throw new RangeError(`they take more than ${RULES_MAX_BYTES} bytes`);
    yield piece;
  }
  yield '\n]}\n';
}

/** Checks rules one by one; of one id the last counts. */
export function checkRules(values: readonly unknown[]): {
  readonly rules: readonly CheckedRule[];
  readonly unreadable: number;
} {
  const rules = new Map<string, CheckedRule>();
  let unreadable = 0;
  for (const value of values) {
    const parsed = ruleSchema.safeParse(value);
    const check = parsed.success ? checkRule<Rule>(parsed.data) : null;
    if (check?.ok === true) rules.set(check.checked.rule.id, check.checked);
    else unreadable++;
  }
  return { rules: [...rules.values()], unreadable };
}

/** The value of a JSON text; null when it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema refuses null, and the caller tells.
    return null;
  }
}
