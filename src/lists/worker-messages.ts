import type { CompileJob, CompileResult } from './compile-job.ts';
import type { DownloadProgress } from './download.ts';
import type { UpdateJob, UpdateResult } from './update-job.ts';

/** What the list worker is asked: one request a worker. */
export type WorkerRequest =
  | { readonly kind: 'compile'; readonly job: CompileJob }
  /** Sources are brought up to date one after the other. */
  | { readonly kind: 'update'; readonly jobs: readonly UpdateJob[] };

/** What it answers; `compiled`, `done` and `failed` are the last word. */
export type WorkerReply =
  | { readonly kind: 'compiled'; readonly result: CompileResult }
  | { readonly kind: 'progress'; readonly name: string; readonly progress: DownloadProgress }
  | { readonly kind: 'updated'; readonly result: UpdateResult }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: string };
