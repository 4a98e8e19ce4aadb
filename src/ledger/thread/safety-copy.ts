import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { z } from 'zod';
import type { Rule } from '../../model/rule.ts';
import { ruleSchema } from '../../schema/rule.ts';

/** A bigger copy is not read: it is not ours. */
const COPY_MAX_BYTES = 64 * 1_048_576;

const copySchema = z.object({ reservedId: z.int().min(0), rules: z.array(ruleSchema) });

/**
 * What must outlive a lost database: the rules, and an id that no flow has reached. The judge's verdicts need not: one that is
 * lost costs a new inquiry, and what a person took back is lost with it.
 */
export interface SafetyCopy {
  readonly reservedId: number;
  readonly rules: readonly Rule[];
}

/** Where the copy of a database stands. */
function safetyCopyPath(databasePath: string): string {
  return `${databasePath}.rules.json`;
}

/** Reads the copy beside a database; null when there is none or it cannot be read as one. */
export function readSafetyCopy(databasePath: string): SafetyCopy | null {
  try {
    const text = readFileSync(safetyCopyPath(databasePath), 'utf8');
    if (text.length > COPY_MAX_BYTES) return null;
    const parsed = copySchema.safeParse(JSON.parse(text));
    return parsed.success ? { reservedId: parsed.data.reservedId, rules: parsed.data.rules } : null;
  } catch {
    // Absent or damaged: the same as none. Why the database is not usable is told in the status already.
    return null;
  }
}

/** Replaces the copy in one step, on disk when it returns. Throws what the file system throws. */
export function writeSafetyCopy(databasePath: string, copy: SafetyCopy): void {
  const path = safetyCopyPath(databasePath);
  const fd = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeSync(fd, JSON.stringify(copy));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.new`, path);
}
