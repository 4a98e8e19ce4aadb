import { z } from 'zod';
import { readTrustedFile } from '../files/trusted-file.ts';
import { readOldRules } from '../ledger/ledger-file.ts';
import { checkRules, jsonOf, type ReadRules, RULES_MAX_BYTES } from './rules-json.ts';

const copySchema = z.object({ rules: z.array(z.unknown()) });

/**
 * The rules that an older resolagent kept: in a table of its ledger, and in a copy beside it for when that cannot be read or was
 * lost. They are read, and stay where they are: whoever goes back to that version finds them.
 */
export function rulesOfLedger(ledger: string): ReadRules {
  let rows: readonly string[] = [];
  let error: string | null = null;
  try {
    rows = readOldRules(ledger);
  } catch (thrown) {
    error = thrown instanceof Error ? thrown.message : String(thrown);
  }
  if (rows.length > 0) return { ok: true, ...checkRules(rows.map(jsonOf)) };
  const copied = copyOf(`${ledger}.rules.json`);
  return copied === null && error !== null ? { ok: false, error } : { ok: true, ...checkRules(copied ?? []) };
}

/** The rules of the copy; null when there is none that can be read. */
function copyOf(path: string): readonly unknown[] | null {
  const file = readTrustedFile(path, { maxBytes: RULES_MAX_BYTES });
  const parsed = copySchema.safeParse(file.kind === 'ok' ? jsonOf(file.text) : null);
  return parsed.success ? parsed.data.rules : null;
}
