import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ledger } from '../../src/ledger/ledger.ts';
import { ended, sampleFlow } from './sample-flow.ts';
import { sampleInquiry, sampleVerdict } from './sample-judge.ts';
import { optionsIn } from './scratch-options.ts';
import { until } from './until.ts';

// Run by full-disk.test.ts in a mount namespace of its own. Puts a disk of three megabytes through being full and being
// read-only, and prints what the ledger said and kept.

const folder = process.argv[2] ?? '';
const options = optionsIn(folder);
const ALL = { sinceMs: null, limit: 10_000, after: null };
const FILLER = join(folder, 'filler');

function mount(...args: string[]): void {
  const done = Bun.spawnSync(['/bin/mount', ...args]);
  if (done.exitCode !== 0) throw new Error(done.stderr.toString());
}

function fillDisk(): void {
  for (let size = 4_194_304; size >= 1; size = Math.floor(size / 2)) {
    try {
      writeFileSync(FILLER, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // What fits has been taken.
    }
  }
}

mount('-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder);

const ledger = await Ledger.open(options);
for (let id = 1; id <= 100; id++) ledger.record(sampleFlow(ledger.nextFlowId()));
await ledger.flush();
fillDisk();
for (let id = 0; id < 2_000; id++) ledger.record(sampleFlow(ledger.nextFlowId()));
await until('the full disk is noticed', () => ledger.status().state === 'failing');
const full = ledger.status();
ledger.recordInquiry(sampleInquiry(1));
ledger.keepVerdict(sampleVerdict('a.example'));
const readWhenFull = (await ledger.flows({ ...ALL, limit: 5 })).length;
rmSync(FILLER);
await until('the queue is empty again', () => ledger.status().queued === 0 && ledger.status().state === 'ok');
const afterFull = {
  ...ledger.status(),
  flows: (await ledger.flows(ALL)).length,
  inquiries: (await ledger.inquiries({ limit: 10, before: null })).length,
  verdicts: (await ledger.judgeMemory(0)).verdicts.length,
};
await ledger.close();

mount('-o', 'remount,ro', folder);
const second = await Ledger.open(options);
const readOnly = second.status();
const firstId = second.nextFlowId();
second.record(ended(sampleFlow(firstId)));
second.recordInquiry(sampleInquiry(2));
second.forgetVerdict('a.example');
await second.flush();
mount('-o', 'remount,rw', folder);
await until(
  'the ledger is writable again',
  () => second.status().queued === 0 && second.status().state === 'ok',
);
const flows = await second.flows({ sinceMs: null, limit: 10_000, after: null });
const afterReadOnly = {
  ...second.status(),
  flows: flows.length,
  lastIsNew: flows.at(-1)?.id === firstId,
  inquiries: (await second.inquiries({ limit: 10, before: null })).length,
  verdicts: (await second.judgeMemory(0)).verdicts.length,
};
await second.close();

process.stdout.write(JSON.stringify({ full, readWhenFull, afterFull, readOnly, firstId, afterReadOnly }));
