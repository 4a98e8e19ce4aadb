// How long it takes to tell which process made a connection: npm run bench:attribute -- [SHARE of all connections, 0 to 1]
import { join } from 'node:path';
import { LinuxAttributor } from '../../src/attribute/linux/attributor.ts';
import type { Ip } from '../../src/model/brand.ts';
import { openLinuxLibc } from '../../src/system/libc.ts';
import { listenSocket } from '../../src/system/listen-socket.ts';

const CLIENT = join(import.meta.dir, 'attribute-client.py');
const SHARE = Number(process.argv[2] ?? 1);
const CROWD = Math.ceil(300 * SHARE);
const DEADLINE_MS = 5_000;
const LOOPBACK = '127.0.0.1' as Ip;

const libc = openLinuxLibc();
const listening = listenSocket(libc, LOOPBACK, 0);
if (!listening.ok) throw new Error(listening.errno);
const dst = listening.local;
const attributor = new LinuxAttributor(libc, () => dst.port);

interface Sample {
  readonly us: number;
  readonly later: boolean;
  readonly right: boolean;
}
let samples: Sample[] = [];
let expected = (_pid: number | null): boolean => true;

async function open(socket: { remotePort: number; write(text: string): number }): Promise<void> {
  const client = { ip: LOOPBACK, port: socket.remotePort };
  const start = Bun.nanoseconds();
  const found = attributor.lookup(client, dst, performance.now() + DEADLINE_MS);
  const later = found instanceof Promise;
  const origin = later ? await found : found;
  const us = (Bun.nanoseconds() - start) / 1_000;
  samples.push({ us, later, right: origin.unknown === null && expected(origin.pid) });
  socket.write('x');
}
Bun.listen({ fd: listening.fd, socket: { open, data() {} } } as never);

async function run(name: string, what: string, count: number): Promise<void> {
  samples = [];
  const client = Bun.spawn(['python3', CLIENT, String(dst.port), what, String(Math.ceil(count * SHARE))], {
    stdout: 'inherit',
  });
  expected = what === 'fork' || what === 'vanish' ? () => true : (pid) => pid === client.pid;
  const lag = watchLoop();
  await client.exited;
  const sorted = samples.map((s) => s.us).sort((a, b) => a - b);
  const at = (q: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0).toFixed(1);
  const share = (n: number): string => `${((100 * n) / sorted.length).toFixed(1)} %`;
  process.stdout.write(
    `${name.padEnd(62)} p50 ${at(0.5).padStart(7)} µs  p99 ${at(0.99).padStart(8)} µs  max ${at(1).padStart(8)} µs  ` +
      `searched ${share(samples.filter((s) => s.later).length)}  right ${share(samples.filter((s) => s.right).length)}  ` +
      `loop held p99 ${lag().toFixed(2)} ms\n`,
  );
}

/** Runs at every turn of the loop, and tells the 99th percentile of the time between two turns. */
function watchLoop(): () => number {
  const gaps: number[] = [];
  let last = performance.now();
  let going = true;
  const tick = (): void => {
    const now = performance.now();
    gaps.push(now - last);
    last = now;
    if (going) setImmediate(tick);
  };
  tick();
  return () => {
    going = false;
    gaps.sort((a, b) => a - b);
    return gaps[Math.floor(gaps.length * 0.99)] ?? 0;
  };
}

await run('warm-up', 'close', 3_000);
await run('(a) one process, connects and closes', 'close', 5_000);
await run('    one process, keeps every connection', 'keep', 3_000);
await run('    one process, 64 connections replaced in no order', 'holes', 3_000);
await run('    a new process for every connection', 'fork', 500);
await run('    a new process for every connection, gone at once', 'vanish', 500);
await run('(c) one process with 10,000 open files', 'full', 2_000);
const crowd = Bun.spawn(['python3', CLIENT, String(dst.port), 'crowd', String(CROWD)], {
  stdin: 'pipe',
  stdout: 'pipe',
  detached: true,
});
await crowd.stdout.getReader().read();
await run(`(b) ${CROWD} other processes with 200 files: connects and closes`, 'close', 5_000);
await run('    the same: 64 connections replaced in no order', 'holes', 2_000);
await run('    the same: a new process for every connection', 'fork', 300);
await run('(c) and 10,000 open files', 'full', 2_000);
crowd.kill('SIGKILL');
process.kill(-crowd.pid, 'SIGKILL');
attributor.close();
process.exit(0);
