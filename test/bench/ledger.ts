import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { FlowRecord } from '../../src/model/flow.ts';
import { ended, sampleFlow } from '../ledger/sample-flow.ts';

// npm run bench:ledger -- [FLOWS]. First as fast as the disk takes it, then at a steady 20,000 records a second.
const FLOWS = Number(process.argv[2] ?? 100_000);
const STEADY_PER_SECOND = 20_000;
const STEADY_TICK_MS = 5;
/** Records between two waits for the disk: less than the queue holds. */
const CHUNK = 16_384;

const dir = mkdtempSync('/var/tmp/resolagent-bench-');
const path = join(dir, 'ledger.db');
const ledger = await Ledger.open({ path, keepDays: 3_650, maxSizeMb: 2_048, blockedFile: '' });

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** CPU time of the calling thread, microseconds, to ten milliseconds; 0 where there is no /proc. */
function threadCpuUs(): number {
  const stat = '/proc/thread-self/stat';
  if (!existsSync(stat)) return 0;
  const fields = readFileSync(stat, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Records as fast as the disk takes them; rows a second. */
async function flatOut(name: string, records: readonly FlowRecord[]): Promise<void> {
  const start = performance.now();
  const mainUs = threadCpuUs();
  let recordMs = 0;
  for (let at = 0; at < records.length; at += CHUNK) {
    const chunk = records.slice(at, at + CHUNK);
    const before = performance.now();
    for (const flow of chunk) ledger.record(flow);
    recordMs += performance.now() - before;
    await ledger.flush();
  }
  const rows = records.length / ((performance.now() - start) / 1_000);
  const us = (threadCpuUs() - mainUs) / records.length;
  const alone = (recordMs * 1_000) / records.length;
  say(
    `${name}: ${Math.round(rows)} rows/s; this thread ${us.toFixed(2)} µs a record, record() alone ${alone.toFixed(2)} µs`,
  );
}

/** Records at a steady pace and compares the CPU time of this thread with the same loop that records nothing. */
async function steady(record: (flow: FlowRecord) => void, flows: readonly FlowRecord[]): Promise<number> {
  const mainUs = threadCpuUs();
  const perTick = (STEADY_PER_SECOND * STEADY_TICK_MS) / 1_000;
  const start = performance.now();
  for (let at = 0; at < flows.length; ) {
    const due = Math.min(flows.length, Math.floor(((performance.now() - start) / STEADY_TICK_MS) * perTick));
    while (at < due) {
      const flow = flows[at++];
      if (flow !== undefined) record(flow);
    }
    await Bun.sleep(STEADY_TICK_MS);
  }
  return (threadCpuUs() - mainUs) / flows.length;
}

const flows = Array.from({ length: FLOWS }, () => sampleFlow(ledger.nextFlowId()));
await flatOut('verdicts', flows);
await flatOut('ends', flows.map(ended));
const more = Array.from({ length: FLOWS }, () => sampleFlow(ledger.nextFlowId()));
const idleUs = await steady(() => undefined, more);
const busyUs = await steady((flow) => ledger.record(flow), more);
await ledger.flush();
say(`at ${STEADY_PER_SECOND} a second: ${(busyUs - idleUs).toFixed(2)} µs a record on this thread, all in`);
const { queued, lost, error } = ledger.status();
say(`queued ${queued}, lost ${lost}, error ${error}`);
const before = performance.now();
const read = await ledger.flows({ sinceMs: null, limit: 10_000, after: null });
say(`reading the last ${read.length}: ${(performance.now() - before).toFixed(0)} ms`);
await ledger.close();
say(`on disk ${(statSync(path).size / (2 * FLOWS)).toFixed(0)} bytes a flow`);
rmSync(dir, { recursive: true });
