import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'smol-toml';
import { z } from 'zod';
import { readTrustedFile } from '../files/trusted-file.ts';
import type { RuleId, UnixMs } from '../model/brand.ts';
import { RULE_ACTIONS, type Rule } from '../model/rule.ts';
import { parsePattern, patternText } from '../policy/rules/host-pattern.ts';
import type { RuleDraft } from '../schema/rule.ts';
import { keyLine } from './key-line.ts';
import { type Loaded, parseToml } from './load.ts';

const moment = z
  .union([z.date(), z.iso.datetime({ offset: true }), z.number()])
  .transform((value) => +new Date(value));

const ruleFileSchema = z.strictObject({
  rules: z
    .array(
      z.strictObject({
        action: z.enum(RULE_ACTIONS),
        host: z.string().min(1).max(260),
        port: z.int().min(1).max(65_535).optional(),
        app: z.string().min(1).max(4_096).optional(),
        user: z.string().min(1).max(64).optional(),
        until: moment.optional(),
        note: z.string().max(500).optional(),
      }),
    )
    .max(100_000)
    .default([]),
});

/** Reads rules as `rules export` writes them, and as rules.d holds them: TOML with one `[[rules]]` table a rule. */
export function parseRuleFile(text: string, path: string): Loaded<RuleDraft[]> {
  const read = parseToml(text, path, ruleFileSchema);
  if (!read.ok) return read;
  const errors: string[] = [];
  const drafts = read.value.rules.map((rule, index): RuleDraft => {
    const pattern = parsePattern(rule.host);
    if (!pattern.ok)
      errors.push(
        `${path}:${keyLine(text, ['rules', index, 'host'])}: rules.${index}.host: ${pattern.error}`,
      );
    return {
      action: rule.action,
      host: pattern.ok ? patternText(pattern.pattern) : rule.host,
      port: rule.port ?? null,
      app: rule.app ?? null,
      user: rule.user ?? null,
      until: rule.until ?? null,
      note: rule.note ?? null,
    };
  });
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: drafts };
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

/** The rules of every `*.toml` in a folder, in the order of the file names. A bad file is left out whole and named. */
export function loadRuleFolder(folder: string, now: UnixMs): { rules: Rule[]; errors: string[] } {
  const rules: Rule[] = [];
  const errors: string[] = [];
  for (const name of ruleFiles(folder)) {
    const path = join(folder, name);
    const file = readTrustedFile(path);
    if (file.kind === 'missing') continue;
    const read =
      file.kind === 'refused' ? { ok: false as const, errors: [file.error] } : parseRuleFile(file.text, path);
    if (read.ok)
      rules.push(...read.value.map((draft, index) => fileRule(draft, `file:${name}:${index + 1}`, now)));
    else errors.push(...read.errors);
  }
  return { rules, errors };
}

function ruleFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.toml') && !name.startsWith('.'))
      .sort();
  } catch {
    // No folder, no rules: it is optional.
    return [];
  }
}

function fileRule(draft: RuleDraft, id: string, now: UnixMs): Rule {
  return { ...draft, until: draft.until as UnixMs | null, id: id as RuleId, createdAt: now, origin: 'file' };
}
