import { within } from '../../until.ts';
import type { Firewall } from './firewall.ts';
import type { Plan } from './options.ts';
import { type Usage, usageOf } from './process-tree.ts';
import { Running } from './run.ts';
import type { Subject, World } from './subject.ts';

/** Everything that is measured; absolute figures hold for this machine and this hour only. */
export const FIGURES = {
  connectP50: 'connect p50 µs',
  connectP99: 'connect p99 µs',
  perSecond: 'new conn/s',
  cpuPerConn: 'CPU µs/conn',
  bulk1: 'GB/s 1 stream',
  bulk8: 'GB/s 8',
  bulk64: 'GB/s 64',
  cpu1: 'CPU s/GB 1 stream',
  cpu8: 'CPU s/GB 8',
  cpu64: 'CPU s/GB 64',
  idleKb: 'KB per idle conn',
  stalledKb: 'KB per stalled stream',
  decisionP50: 'decision p50 µs',
  decisionP99: 'decision p99 µs',
  startMs: 'start ms',
} as const;
export type Figure = keyof typeof FIGURES;
export type Figures = Partial<Record<Figure, number>>;

const STREAMS = [1, 8, 64] as const;
const RATE_PROCESSES = 2;
const RATE_EACH = 64;
const SETTLE_EVERY_MS = 500;
const SETTLED_KB = 256;

/** Called with what a measurement found odd: failed connections. */
export type Note = (text: string) => void;

/** Latency, connections a second and bulk throughput of one subject, once. */
export async function measureSpeed(subject: Subject, world: World, plan: Plan, note: Note): Promise<Figures> {
  const load = new Load(subject, world, note, plan.settleMs);
  const latency = await load.run('latency', [plan.latencyCount]);
  const rate = await load.run('rate', [RATE_PROCESSES, RATE_EACH, plan.rateMs]);
  const figures: Figures = {
    connectP50: latency.answer.p50,
    connectP99: latency.answer.p99,
    perSecond: rate.answer.connections / rate.answer.seconds,
    ...(rate.cpuSeconds === null ? {} : { cpuPerConn: (rate.cpuSeconds * 1e6) / rate.answer.connections }),
  };
  for (const streams of STREAMS) {
    const { answer, cpuSeconds } = await load.run('bulk', [streams, plan.bulkWarmMs, plan.bulkMs]);
    const gigabytes = answer.bytes / 1e9;
    figures[`bulk${streams}`] = gigabytes / answer.seconds;
    if (cpuSeconds !== null) figures[`cpu${streams}`] = cpuSeconds / gigabytes;
  }
  return figures;
}

/** What the firewall says of its own decisions. */
export async function measureDecisions(firewall: Firewall): Promise<Figures> {
  const { p50, p99 } = (await firewall.status()).decisionUs;
  return { ...(p50 === null ? {} : { decisionP50: p50 }), ...(p99 === null ? {} : { decisionP99: p99 }) };
}

/** Memory of a freshly started subject: what it grows by while connections are idle, and while receivers are stalled. */
export async function measureMemory(
  subject: Subject,
  world: World,
  plan: Plan,
  note: Note,
): Promise<Figures> {
  if (subject.program === null) return {};
  const load = new Load(subject, world, note, plan.settleMs);
  await load.run('latency', [plan.warmConnections]);
  const idleKb = await load.growth('idle', plan.idleConnections);
  const stalledKb = await load.growth('stall', plan.stalledStreams);
  return { idleKb, stalledKb };
}

type Answer = Record<'p50' | 'p99' | 'connections' | 'bytes' | 'seconds' | 'errors', number>;

/** The client, at one subject. */
class Load {
  constructor(
    private readonly subject: Subject,
    private readonly world: World,
    private readonly note: Note,
    private readonly settleMs: number,
  ) {}

  /** Runs a measurement to its end. `cpuSeconds` is what the subject used while the clock ran, null for `direct`. */
  async run(
    kind: string,
    numbers: readonly number[],
  ): Promise<{ answer: Answer; cpuSeconds: number | null }> {
    const client = this.#start(kind, numbers);
    let before = this.#usage();
    let line = await client.line();
    if (line === 'go') {
      before = this.#usage();
      line = await client.line();
    }
    const after = this.#usage();
    const answer = JSON.parse(line) as Answer;
    this.#check(kind, answer);
    return {
      answer,
      cpuSeconds: before === null || after === null ? null : after.cpuSeconds - before.cpuSeconds,
    };
  }

  /** Kilobytes of resident memory one more connection takes, while `count` of them are held. */
  async growth(kind: string, count: number): Promise<number> {
    const before = await this.#settled();
    const client = this.#start(kind, [count]);
    await client.line();
    const after = await this.#settled();
    await client.closeInput();
    this.#check(kind, JSON.parse(await client.line()) as Answer);
    return (after - before) / count;
  }

  #start(kind: string, numbers: readonly number[]): Running {
    const { load, hello } = this.world.programs;
    const { near, ip, port } = this.subject;
    return new Running(near, [load, kind, ip, String(port), hello, ...numbers.map(String)]);
  }

  #usage(): Usage | null {
    return this.subject.program === null ? null : usageOf(this.subject.program.pid);
  }

  /** Resident kilobytes once they no longer change much. */
  async #settled(): Promise<number> {
    let last = this.#usage()?.residentKb ?? 0;
    await within(this.settleMs, async () => {
      await Bun.sleep(SETTLE_EVERY_MS);
      const before = last;
      last = this.#usage()?.residentKb ?? 0;
      return Math.abs(last - before) < SETTLED_KB;
    });
    return last;
  }

  #check(kind: string, { errors }: Answer): void {
    if (errors > 0) this.note(`${this.subject.name}: ${errors} connections failed (${kind})`);
  }
}
