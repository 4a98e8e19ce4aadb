import { stringify } from 'smol-toml';
import { z } from 'zod';
import type { Rule } from '../model/rule.ts';
import { type Checked, checkRule } from '../policy/rules/text.ts';
import { type RuleDraft, ruleDraftSchema } from '../schema/rule.ts';
import { firstErrors, type Loaded, parseToml } from './load.ts';

const moment = z
  .union([z.date(), z.iso.datetime({ offset: true }), z.number()])
  .transform((value) => +new Date(value));

const ruleFileSchema = z.strictObject({
  rules: z
    .array(ruleDraftSchema.extend({ until: moment.nullable().default(null) }))
    .max(100_000)
    .default([]),
});

/** Reads rules as `rules export` writes them, and as rules.d holds them: TOML with one `[[rules]]` table a rule. */
export function parseRuleFile(text: string, path: string): Loaded<Checked<RuleDraft>[]> {
  const read = parseToml(text, path, ruleFileSchema);
  if (!read.ok) return read;
  const faults: { readonly key: readonly [string, number, string]; readonly error: string }[] = [];
  const drafts: Checked<RuleDraft>[] = [];
  for (const [index, rule] of read.value.rules.entries()) {
    const check = checkRule<RuleDraft>(rule);
    if (check.ok) drafts.push(check.checked);
    else faults.push({ key: ['rules', index, check.key], error: check.error });
  }
  if (faults.length === 0) return { ok: true, value: drafts };
  return { ok: false, errors: firstErrors(faults, text, path, ({ error }) => error) };
}

/** The text that `parseRuleFile` reads back to the same rules. */
export function renderRuleFile(rules: readonly Rule[]): string {
  const tables = rules.map((rule) => {
    const table: Record<string, string | number | Date> = { action: rule.action, host: rule.host };
    if (rule.port !== null) table.port = rule.port;
    if (rule.app !== null) table.app = rule.app;
    if (rule.user !== null) table.user = rule.user;
    if (rule.until !== null) table.until = new Date(rule.until).toISOString();
    if (rule.note !== null) table.note = rule.note;
    return table;
  });
  return tables.length === 0 ? '# no rules\n' : `${stringify({ rules: tables }).trimEnd()}\n`;
}
