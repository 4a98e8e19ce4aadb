import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '../../files/atomic-file.ts';
import { buildHostSet, RecordWriter } from '../../policy/hosts/build.ts';
import { HostSet } from '../../policy/hosts/host-set.ts';
import type { Side } from '../../policy/lists/entry.ts';
import type { ReadCounts } from '../../policy/lists/reader.ts';
import { newKey } from '../compile/checksum.ts';
import type { ListInput } from '../compile/list-input.ts';
import { readList } from '../compile/read-list.ts';

/** Names that a diff shows on each side; the others are counted. */
const DIFF_NAMES_MAX = 1_000;

const side = z.object({ count: z.int().min(0), names: z.array(z.string()).max(DIFF_NAMES_MAX) });
const diffSchema = z.object({ at: z.number(), added: side, removed: side });
/** What the last update of a list added and removed. */
export type ListDiff = z.infer<typeof diffSchema>;

/** What is in a list file: its counts and its names as a set. */
interface Content {
  readonly counts: ReadCounts;
  readonly set: HostSet;
  /** Names that the other set did not hold. */
  readonly fresh: { count: number; names: string[] };
}

/**
 * Reads a new version of a list and compares it with the one in force. Costs three readings (more where `$badfilter` cancels), in the worker. Throws when a file
 * cannot be read.
 */
export function compareLists(
  next: ListInput,
  current: ListInput | null,
  nowMs: number,
): { counts: ReadCounts; diff: ListDiff } {
  const key = newKey();
  const before = current === null ? null : readContent(current, key, null);
  const after = readContent(next, key, before?.set ?? null);
  const gone = current === null ? null : readContent(current, key, after.set);
  const removed = gone?.fresh ?? { count: 0, names: [] };
  return { counts: after.counts, diff: { at: nowMs, added: after.fresh, removed } };
}

function readContent(input: ListInput, key: Int32Array, other: HostSet | null): Content {
  const { counts, sink } = readList(input, () => {
    const writer = new RecordWriter(key);
    const fresh = { count: 0, names: [] as string[] };
    return {
      writer,
      fresh,
      name: (host: string, _side: Side, line: number) => {
        if (other === null || other.exact(host).length === 0) {
          fresh.count++;
          if (fresh.names.length < DIFF_NAMES_MAX) fresh.names.push(host);
        }
        return writer.add(host, line);
      },
      range: () => true,
    };
  });
  const { writer, fresh } = sink;
  const set = new HostSet(buildHostSet(key, [{ records: writer.records(), lines: counts.lines }]).parts);
  return { counts, set, fresh };
}

const diffPath = (folder: string, name: string): string => join(folder, 'diffs', `${name}.json`);

/** Keeps a diff until the next one. */
export function writeDiff(folder: string, name: string, diff: ListDiff): void {
  writeAtomically(diffPath(folder, name), JSON.stringify(diff));
}

/** The diff of the last update that changed a list; null when there was none. */
export function readDiff(folder: string, name: string): ListDiff | null {
  if (!existsSync(diffPath(folder, name))) return null;
  try {
    return diffSchema.parse(JSON.parse(readFileSync(diffPath(folder, name), 'utf8')));
  } catch {
    return null;
  }
}
