import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../files/atomic-file.ts';
import { fileSourceSchema, SOURCES_MAX, sourceName, sourceSchema } from './update/sources.ts';

const text = z.string().max(2_000);
const count = z.int().min(0);

/** What is remembered of the downloads of one source. */
const downloadSchema = z.object({
  url: text,
  etag: text.nullable(),
  lastModified: text.nullable(),
  /** When the content in force was downloaded, and when the source was last asked; milliseconds since 1970. */
  fetchedAt: z.number().nullable(),
  checkedAt: z.number().nullable(),
  entries: count,
  bytes: count,
  /** Why the last attempt failed; null when it did not. */
  error: text.nullable(),
  failures: count,
});
export type DownloadState = z.infer<typeof downloadSchema>;

const stateSchema = z.object({
  version: z.literal(1),
  /** Lists that a person switched; the others follow their source's default. */
  switches: z.record(z.string().max(200), z.boolean()),
  sources: z.array(sourceSchema).max(SOURCES_MAX),
  files: z.array(fileSourceSchema).max(SOURCES_MAX),
  downloads: z.record(sourceName, downloadSchema),
});
export type ListState = z.infer<typeof stateSchema>;

const EMPTY: ListState = { version: 1, switches: {}, sources: [], files: [], downloads: {} };

/** A source that was never asked. */
export const NEVER_FETCHED: DownloadState = {
  url: '',
  etag: null,
  lastModified: null,
  fetchedAt: null,
  checkedAt: null,
  entries: 0,
  bytes: 0,
  error: null,
  failures: 0,
};

/** The state file of a folder of lists. */
export const statePath = (folder: string): string => join(folder, 'state.json');

/**
 * Reads what was switched, added and downloaded. A file that cannot be read as such is put aside as `state.json.damaged`, and
 * the defaults serve.
 */
export function readListState(folder: string | null): ListState {
  if (folder === null || !existsSync(statePath(folder))) return EMPTY;
  const parsed = stateSchema.safeParse(jsonOf(readFileSync(statePath(folder), 'utf8')));
  if (parsed.success) return parsed.data;
  renameSync(statePath(folder), `${statePath(folder)}.damaged`);
  return EMPTY;
}

/** Puts a state in force, atomically and without blocking the event loop. Rejects with what the system says. */
export async function writeListState(folder: string, state: ListState): Promise<void> {
  await replaceFile(statePath(folder), [`${JSON.stringify(state, null, 1)}\n`]);
}

function jsonOf(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return null;
  }
}
