import { existsSync, writeFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

const STILL_MS = 1_500;

// The ledger's own worker, the first of which stands still before its first batch, and says in a file beside the database how it is.
let marker = '';
parentPort?.on('message', (said: unknown) => {
  if (typeof said !== 'string' || said === '') return;
  const { call, args } = JSON.parse(said);
  if (call === 'open') marker = `${args.path}.still`;
  if (call !== 'write' || args.flows.length === 0 || existsSync(marker)) return;
  writeFileSync(marker, 'still');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STILL_MS);
  writeFileSync(marker, 'awake');
  setTimeout(() => writeFileSync(marker, 'goes on'), 0);
});
require('../../src/ledger/thread/worker.ts');
