import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AtomicFile } from '../../files/atomic-file.ts';
import type { ListInput } from '../compile/list-input.ts';
import { type DownloadState, NEVER_FETCHED } from '../list-state.ts';
import { compareLists, writeDiff } from './diff.ts';
import { type DownloadLimits, type DownloadProgress, download } from './download.ts';
import type { Source } from './sources.ts';

// A list seldom loses more than half of its names for a good reason; more often its download broke.
const SHRINK_KEEPS = 0.5;
const FIRST_KEEPS = 0.1;

/** One source to be brought up to date. */
export interface UpdateJob {
  readonly folder: string;
  readonly source: Source;
  readonly before: DownloadState | null;
  /** Takes a list that shrank, and asks for the content even if it did not change. */
  readonly force: boolean;
  readonly allowPrivate: boolean;
  readonly limits: DownloadLimits;
  readonly nowMs: number;
}

/** `refused` lists arrived whole and were not believed. */
export interface UpdateResult {
  readonly name: string;
  readonly outcome: 'updated' | 'unchanged' | 'refused' | 'failed';
  readonly entries: number;
  readonly added: number;
  readonly removed: number;
  readonly error: string | null;
  readonly state: DownloadState;
}

/** Where the content of a source lies. */
export const sourcePath = (folder: string, name: string): string => join(folder, 'sources', name);

/** A downloaded source as input of the compiler. */
export function sourceInput(source: Source, path: string, digest: string): ListInput {
  return { name: source.name, kind: source.category, format: source.format, path, trust: 'state', digest };
}

/**
 * Downloads a source, reads it, compares it with the one in force and only then puts it in its place. Whatever goes wrong, the
 * one in force stays, and the result says what. Never rejects.
 */
export async function runUpdate(
  job: UpdateJob,
  onProgress: (progress: DownloadProgress) => void,
): Promise<UpdateResult> {
  const { folder, source } = job;
  const path = sourcePath(folder, source.name);
  const known = job.before !== null && job.before.url === source.url && existsSync(path) ? job.before : null;
  const before = known ?? { ...NEVER_FETCHED, url: source.url };
  mkdirSync(join(folder, 'diffs'), { recursive: true, mode: 0o700 });
  let file: AtomicFile | null = null;
  try {
    file = new AtomicFile(path);
    const conditional = job.force ? { etag: null, lastModified: null } : before;
    const { etag, lastModified } = conditional;
    const request = {
      url: source.url,
      etag,
      lastModified,
      limits: job.limits,
      allowPrivate: job.allowPrivate,
      onProgress,
    };
    const got = await download(request, file);
    if (got.kind === 'failed') return failed(job, before, 'failed', got.error);
    if (got.kind === 'unchanged') return unchanged(job, before);
    file.flush();
    return settle(job, before, file, got);
  } catch (error) {
    return failed(job, before, 'failed', error instanceof Error ? error.message : String(error));
  } finally {
    file?.discard();
  }
}

interface Fresh {
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly bytes: number;
}

function settle(job: UpdateJob, before: DownloadState, file: AtomicFile, got: Fresh): UpdateResult {
  const { folder, source, nowMs } = job;
  const path = sourcePath(folder, source.name);
  const current = before.fetchedAt === null ? null : sourceInput(source, path, '');
  const { counts, diff } = compareLists(sourceInput(source, file.part, ''), current, nowMs);
  const doubt = job.force && counts.entries > 0 ? null : doubtOf(counts.entries, before, source);
  if (doubt !== null) return failed(job, before, 'refused', doubt);
  writeDiff(folder, source.name, diff);
  file.commit();
  const { etag, lastModified, bytes } = got;
  const state = { etag, lastModified, bytes, entries: counts.entries, url: source.url };
  return {
    name: source.name,
    outcome: 'updated',
    entries: counts.entries,
    added: diff.added.count,
    removed: diff.removed.count,
    error: null,
    state: { ...state, fetchedAt: nowMs, checkedAt: nowMs, error: null, failures: 0 },
  };
}

/** Why a list that arrived whole is not believed; null when it is. */
function doubtOf(entries: number, before: DownloadState, source: Source): string | null {
  if (entries === 0) return 'it holds not one name or address';
  if (entries < before.entries * SHRINK_KEEPS) {
    return `it shrank from ${before.entries} to ${entries} entries; update with --force to take it`;
  }
  if (before.entries === 0 && entries < source.expected * FIRST_KEEPS) {
    return `it has ${entries} entries where about ${source.expected} are expected; update with --force to take it`;
  }
  return null;
}

function unchanged(job: UpdateJob, before: DownloadState): UpdateResult {
  const state = { ...before, checkedAt: job.nowMs, error: null, failures: 0 };
  return {
    name: job.source.name,
    outcome: 'unchanged',
    entries: before.entries,
    added: 0,
    removed: 0,
    error: null,
    state,
  };
}

function failed(
  job: UpdateJob,
  before: DownloadState,
  outcome: 'failed' | 'refused',
  error: string,
): UpdateResult {
  const state = {
    ...before,
    checkedAt: job.nowMs,
    error: error.slice(0, 1_000),
    failures: before.failures + 1,
  };
  return { name: job.source.name, outcome, entries: before.entries, added: 0, removed: 0, error, state };
}
