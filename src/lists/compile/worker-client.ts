import { workerUrl } from '../../model/worker-url.ts';
import type { DownloadProgress } from '../update/download.ts';
import type { UpdateJob, UpdateResult } from '../update/job.ts';
import type { CompileJob, CompileResult } from './job.ts';
import type { WorkerReply, WorkerRequest } from './worker-messages.ts';

const WORKER = workerUrl('lists/compile/worker.ts', import.meta.url);

/** Told of what happens while sources are brought up to date. */
export interface UpdateEvents {
  onProgress(name: string, progress: DownloadProgress): void;
  onResult(result: UpdateResult): void;
}

/** Compiles lists in a thread of its own. Rejects with what went wrong. */
export async function compileInWorker(job: CompileJob): Promise<CompileResult> {
  let result: CompileResult | null = null;
  await inWorker({ kind: 'compile', job }, (reply) => {
    if (reply.kind === 'compiled') result = reply.result;
  });
  if (result === null) throw new Error('the list compiler gave no result');
  return result;
}

/** Reads a folder's compiled file to its last byte in a thread of its own; what is damaged, or null. */
export async function verifyInWorker(folder: string): Promise<string | null> {
  let damage: string | null = null;
  await inWorker({ kind: 'verify', folder }, (reply) => {
    if (reply.kind === 'verified') damage = reply.damage;
  });
  return damage;
}

/** Downloads and checks sources in a thread of its own, one after the other. Rejects only when the thread breaks. */
export function updateInWorker(jobs: readonly UpdateJob[], events: UpdateEvents): Promise<void> {
  return inWorker({ kind: 'update', jobs }, (reply) => {
    if (reply.kind === 'progress') events.onProgress(reply.name, reply.progress);
    if (reply.kind === 'updated') events.onResult(reply.result);
  });
}

/** Starts a worker for one request and ends it with the last reply. */
function inWorker(request: WorkerRequest, onReply: (reply: WorkerReply) => void): Promise<void> {
  const worker = new Worker(WORKER);
  return new Promise<void>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<WorkerReply>) => {
      const reply = event.data;
      onReply(reply);
      if (reply.kind === 'failed') reject(new Error(reply.error));
      if (reply.kind === 'compiled' || reply.kind === 'verified' || reply.kind === 'done') resolve();
    };
    worker.onerror = (event) => reject(new Error(`the list worker ended: ${event.message}`));
    worker.addEventListener('close', () => reject(new Error('the list worker ended')));
    worker.postMessage(request);
  }).finally(() => worker.terminate());
}
