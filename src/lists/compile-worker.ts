import { runCompile } from './compile-job.ts';
import type { WorkerReply, WorkerRequest } from './worker-messages.ts';

declare const self: Worker;

/** The thread in which lists are compiled: one request, one reply. */
self.onmessage = (event: MessageEvent<WorkerRequest>) => {
  self.postMessage(answer(event.data));
};

function answer(request: WorkerRequest): WorkerReply {
  try {
    return { kind: 'compiled', result: runCompile(request.job) };
  } catch (error) {
    return { kind: 'failed', error: error instanceof Error ? error.message : String(error) };
  }
}
