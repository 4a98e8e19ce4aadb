import type { CompileJob, CompileResult } from './compile-job.ts';
import type { WorkerReply, WorkerRequest } from './worker-messages.ts';

// In the compiled program all modules lie in one file, and workers beside it by their path below src/.
const WORKER = import.meta.url.includes('/$bunfs/')
  ? new URL('./lists/compile-worker.ts', import.meta.url)
  : new URL('./compile-worker.ts', import.meta.url);

/** Compiles lists in a thread of its own, which ends with the job. Rejects with what went wrong. */
export function compileInWorker(job: CompileJob): Promise<CompileResult> {
  const worker = new Worker(WORKER);
  return new Promise<CompileResult>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<WorkerReply>) => {
      if (event.data.kind === 'compiled') resolve(event.data.result);
      else reject(new Error(event.data.error));
    };
    worker.onerror = (event) => reject(new Error(`the list compiler ended: ${event.message}`));
    const request: WorkerRequest = { kind: 'compile', job };
    worker.postMessage(request);
  }).finally(() => worker.terminate());
}
