import type { CompileJob, CompileResult } from './compile-job.ts';

/** What the list worker is asked. */
export interface WorkerRequest {
  readonly kind: 'compile';
  readonly job: CompileJob;
}

/** What it answers. */
export type WorkerReply =
  | { readonly kind: 'compiled'; readonly result: CompileResult }
  | { readonly kind: 'failed'; readonly error: string };
