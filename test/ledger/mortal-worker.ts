import { parentPort } from 'node:worker_threads';
import '../../src/ledger/thread/worker.ts';

// The ledger's own worker, which dies of a bug as soon as it sees a flow to this host.
parentPort?.on('message', (text: string) => {
  if (!text.includes('"host":"die.example"')) return;
  setTimeout(() => {
    throw new Error('a bug');
  }, 0);
});
