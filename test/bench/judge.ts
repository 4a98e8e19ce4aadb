/** Measures the judge: `npm run bench:judge -- [INQUIRIES]`. Whole inquiries against the scripted model on loopback, and their costly parts. */
import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Stream } from 'openai/streaming';
import { SerialQueue } from '../../src/async/serial-queue.ts';
import { Model } from '../../src/judge/client/client.ts';
import { EventReader } from '../../src/judge/client/events.ts';
import { KeptVerdicts } from '../../src/judge/desk/kept-verdicts.ts';
import { findInstructions } from '../../src/judge/injection/instructions.ts';
import { readReply } from '../../src/judge/reply/reply.ts';
import { promptVersion, runInquiry } from '../../src/judge/run/runner.ts';
import type { ToolBox } from '../../src/judge/tools/tool-box.ts';
import type { RegistrableDomain, UnixMs } from '../../src/model/brand.ts';
import { input, OLD, SPECS } from '../judge/core/examples.ts';

const INQUIRIES = Number(process.argv[2] ?? 300);
const TOGETHER = 32;
const CALLS = 2_000;
const KEPT = 10_000;
/** The package's reader takes a time that grows with the square of it. */
const FLOOD_BYTES = Math.ceil(524_288 * Math.min(1, INQUIRIES / 300));
const SLICE_BYTES = 16_384;
const LIMITS = { rounds: 12, timeoutMs: 60_000, callMs: 60_000, firstByteMs: 60_000, idleMs: 60_000 };

/** An honest page, as FETCH would tell of it: 4,000 characters in which nothing is found, which takes longest. */
const PAGE = 'Welcome to our shop. We sell flowers, bulbs and seeds; delivery takes three days. '
  .repeat(50)
  .slice(0, 4_000);
const REPLY = `<think>${PAGE}</think>\nHere it is:\n\`\`\`json\n${JSON.stringify({
  verdict: 'allow',
  reasons: ['registered in 1997', 'mail and name servers in order'],
  evidence: ['E1', 'E2'],
})}\n\`\`\``;

function say(what: string, times: number[], unit: string): void {
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(1);
  process.stdout.write(
    `${what.padEnd(52)} p50 ${at(0.5).padStart(8)} ${unit}  p99 ${at(0.99).padStart(8)} ${unit}\n`,
  );
}

function measure(what: string, calls: number, work: (i: number) => void): void {
  const times: number[] = [];
  for (let i = 0; i < calls; i++) {
    const from = Bun.nanoseconds();
    work(i);
    times.push((Bun.nanoseconds() - from) / 1_000);
  }
  say(what, times.slice(Math.floor(calls / 5)), 'µs');
}

/** Tools that answer at once with an honest page. */
const tools: ToolBox = {
  specs: SPECS,
  run: async (calls) =>
    calls.map(() => ({
      source: 'registry',
      text: PAGE,
      facts: [OLD],
      instructions: findInstructions(PAGE),
      ms: 0,
    })),
};

/** A stream of nothing but empty events, in one piece, as a hostile server may send it: why the package's own reader is not used. */
async function flood(): Promise<void> {
  const bytes = new Uint8Array(FLOOD_BYTES).fill(0x0a);
  const reader = new EventReader(() => null);
  let from = performance.now();
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) reader.push(bytes.subarray(at, at + SLICE_BYTES));
  say(`${FLOOD_BYTES / 1_024} KiB of empty events, read by us`, [performance.now() - from], 'ms');
  from = performance.now();
  for await (const _ of Stream.fromSSEResponse(new Response(bytes), new AbortController()));
  say("  the same, by the package's reader", [performance.now() - from], 'ms');
}

/** The scripted model in a process of its own, as models are. */
async function serve(persona: string): Promise<{ readonly apiUrl: string; end(): Promise<void> }> {
  const main = `${import.meta.dir}/../judge/scripted-model/main.ts`;
  const child = Bun.spawn([process.execPath, main, '--port', '0', '--play', persona], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const { value } = await child.stdout[Symbol.asyncIterator]().next();
  const apiUrl = new TextDecoder().decode(value).trim().split(' ').at(-1) ?? '';
  const end = async (): Promise<void> => {
    child.kill();
    await child.exited;
  };
  return { apiUrl, end };
}

async function inquiries(what: string, persona: 'well-behaved' | 'verbose', together: number): Promise<void> {
  const model = await serve(persona);
  const client = new Model({ apiUrl: model.apiUrl, model: 'scripted', apiKey: null });
  const turns = new SerialQueue();
  const times: number[] = [];
  const lagMs: number[] = [];
  let next = 1;
  let due = performance.now();
  const ticking = setInterval(() => {
    const now = performance.now();
    lagMs.push(Math.max(0, now - due - 1));
    due = now;
  }, 1);
  const lane = async (): Promise<void> => {
    while (next <= INQUIRIES) {
      const id = next++;
      const from = performance.now();
      const parts = { model: client, tools, apiUrl: model.apiUrl, modelName: 'scripted', limits: LIMITS };
      const clock = (): UnixMs => Date.now() as UnixMs;
      const ended = await runInquiry(
        input(),
        { ...parts, clock, random: (bytes) => randomBytes(bytes), turn: () => turns.next(() => nextTurn()) },
        id,
        new AbortController().signal,
      );
      if (ended.outcome.why !== 'judged') throw new Error(`inquiry ${id}: ${ended.outcome.why}`);
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: together }, lane));
  clearInterval(ticking);
  await model.end();
  say(what, times.slice(together), 'ms');
  say('  a timer of 1 ms meanwhile, is late by', lagMs, 'ms');
}

measure('look for orders in a page of 4,000 characters', CALLS, () => findInstructions(PAGE));
measure('read a reply of 4,000 characters of thoughts', CALLS, () =>
  readReply({ content: REPLY, toolCalls: [] }),
);
const by = { model: 'scripted', promptVersion: promptVersion(SPECS) };
const store = { keepVerdict: () => undefined, forgetVerdict: () => undefined };
const saved = Array.from({ length: KEPT }, (_, i) => ({
  ...{
    ...by,
    app: '/usr/bin/curl',
    domain: `name-${i}.example` as RegistrableDomain,
    kind: 'allow' as const,
  },
  ...{ reasons: ['a reason'], marks: [], inquiry: i + 1 },
  ...{ at: 0 as UnixMs, expiresAt: (Date.now() + 1e9) as UnixMs },
}));
const kept = new KeptVerdicts(saved, store);
measure(`find one of ${KEPT} kept verdicts`, CALLS * 10, (i) =>
  kept.get(
    { domain: `name-${i % KEPT}.example` as RegistrableDomain, app: '/usr/bin/curl' },
    by,
    1 as UnixMs,
  ),
);
await flood();
await inquiries('an inquiry of three native replies, one at a time', 'well-behaved', 1);
await inquiries(`the same, ${TOGETHER} together`, 'well-behaved', TOGETHER);
await inquiries('an inquiry in the text protocol, one at a time', 'verbose', 1);
