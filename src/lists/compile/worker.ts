import type { UpdateJob } from '../update/job.ts';
import { runUpdate } from '../update/job.ts';
import { compiledDamage, runCompile } from './job.ts';
import type { WorkerReply, WorkerRequest } from './worker-messages.ts';

declare const self: Worker;

const PROGRESS_EVERY_MS = 100;

/** The thread in which lists are downloaded, read and compiled, so that the engine never waits for them. */
self.onmessage = (event: MessageEvent<WorkerRequest>) => {
  answer(event.data).catch((error: unknown) => {
    say({ kind: 'failed', error: error instanceof Error ? error.message : String(error) });
  });
};

async function answer(request: WorkerRequest): Promise<void> {
  if (request.kind === 'compile') {
    say({ kind: 'compiled', result: runCompile(request.job) });
    return;
  }
  if (request.kind === 'verify') {
    say({ kind: 'verified', damage: compiledDamage(request.folder) });
    return;
  }
  for (const job of request.jobs) say({ kind: 'updated', result: await update(job) });
  say({ kind: 'done' });
}

function update(job: UpdateJob) {
  let saidAt = Number.NEGATIVE_INFINITY;
  return runUpdate(job, (progress) => {
    const now = performance.now();
    if (now - saidAt < PROGRESS_EVERY_MS) return;
    saidAt = now;
    say({ kind: 'progress', name: job.source.name, progress });
  });
}

function say(reply: WorkerReply): void {
  self.postMessage(reply);
}
