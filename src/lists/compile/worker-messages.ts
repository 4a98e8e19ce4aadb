import type { DownloadProgress } from '../update/download.ts';
import type { UpdateJob, UpdateResult } from '../update/job.ts';
import type { CompileJob, CompileResult } from './job.ts';

/** What the list worker is asked: one request a worker. */
export type WorkerRequest =
  | { readonly kind: 'compile'; readonly job: CompileJob }
  /** Reads a folder's compiled file to its last byte. */
  | { readonly kind: 'verify'; readonly folder: string }
  /** Sources are brought up to date one after the other. */
  | { readonly kind: 'update'; readonly jobs: readonly UpdateJob[] };

/** What it answers; `compiled`, `verified`, `done` and `failed` are the last word. */
export type WorkerReply =
  | { readonly kind: 'compiled'; readonly result: CompileResult }
  /** Null when the file is whole. */
  | { readonly kind: 'verified'; readonly damage: string | null }
  | { readonly kind: 'progress'; readonly name: string; readonly progress: DownloadProgress }
  | { readonly kind: 'updated'; readonly result: UpdateResult }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: string };
