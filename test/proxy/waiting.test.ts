import { expect, test } from 'bun:test';
import type { Socket } from 'node:net';
import { configSchema } from '../../src/config/schema.ts';
import type { Verdict } from '../../src/model/flow.ts';
import { hello, serverName } from '../sniff/hello.ts';
import type { TestProxy } from './harness.ts';
import { client, echo, errorOf, GET, proxy, readAll, server } from './real-sockets.ts';

const ASK_JUDGE: Verdict = { kind: 'ask', stage: 'judge', reason: 'open_question', evidence: [] };
const ANSWERED: Verdict = { kind: 'allow', stage: 'person', reason: 'answered', evidence: [] };
const kept = (kind: 'allow' | 'block'): Verdict => ({ kind, stage: 'cache', reason: 'cached', evidence: [] });

async function judgedProxy(config: object = {}): Promise<{ p: TestProxy; real: { connections: number } }> {
  const real = await server(echo);
  const p = proxy(real, { config });
  p.names.set('a.example', ['127.0.0.1']);
  p.setJudge(ASK_JUDGE);
  return { p, real };
}

test('waits for the judge, with not one byte to the server, and goes on with its allow', async () => {
  const { p, real } = await judgedProxy();
  const socket = await client(p.port);
  socket.end(GET('a.example'));
  expect(await p.until((r) => r.effect === 'held')).toMatchObject({
    verdict: { kind: 'ask', stage: 'judge', evidence: [{ kind: 'judge', inquiry: 7 }] },
  });
  expect(real.connections).toBe(0);
  p.judged(kept('allow'));
  expect((await readAll(socket)).toString()).toBe(GET('a.example'));
  expect(await p.until((r) => r.state === 'closed')).toMatchObject({
    effect: 'forward',
    defaulted: false,
    verdict: { kind: 'allow', stage: 'judge', reason: 'judged' },
  });
  // Its answer is no new question.
  expect(p.waiting).toEqual([]);
});

test('is refused when the judge blocks, and the server never heard of it', async () => {
  const { p, real } = await judgedProxy();
  const socket = await client(p.port);
  socket.write(GET('a.example'));
  await p.until((r) => r.effect === 'held');
  p.judged(kept('block'));
  expect((await readAll(socket)).toString()).toStartWith('HTTP/1.1 403');
  expect(await p.until((r) => r.state === 'refused')).toMatchObject({
    verdict: { kind: 'block', stage: 'judge', reason: 'judged' },
  });
  expect(real.connections).toBe(0);
});

test('asks the person when the judge is unsure, and keeps waiting without a byte sent', async () => {
  const { p, real } = await judgedProxy();
  p.canAsk = true;
  const socket = await client(p.port);
  socket.end(GET('a.example'));
  await p.until((r) => r.effect === 'held' && r.verdict.stage === 'judge');
  p.judged(null);
  await p.until((r) => r.effect === 'held' && r.verdict.stage === 'person');
  expect(real.connections).toBe(0);
  p.answer = { kind: 'allow', stage: 'person', reason: 'answered', evidence: [] };
  for (const flow of p.flows) flow.decideAgain();
  expect((await readAll(socket)).toString()).toBe(GET('a.example'));
  expect(await p.until((r) => r.state === 'closed')).toMatchObject({ verdict: { reason: 'answered' } });
});

test('without a person an unsure judge leaves it to policy.unattended, and says so', async () => {
  const { p, real } = await judgedProxy({ policy: { unattended: 'block' } });
  const socket = await client(p.port);
  socket.write(GET('a.example'));
  await p.until((r) => r.effect === 'held');
  p.judged(null);
  await readAll(socket);
  expect(await p.until((r) => r.state === 'refused')).toMatchObject({
    defaulted: true,
    verdict: { stage: 'person', reason: 'nobody_to_ask' },
  });
  expect(real.connections).toBe(0);
});

test('waits for the judge no longer than judge.holdMs, then for the person', async () => {
  const { p, real } = await judgedProxy({ judge: { holdMs: 100 } });
  p.canAsk = true;
  const socket = await client(p.port);
  socket.end(GET('a.example'));
  const late = await p.until((r) => r.effect === 'held' && r.verdict.stage === 'person');
  expect(late.verdict.evidence.map((item) => item.text)).toContain('the judge had not answered after 0.1 s');
  expect(real.connections).toBe(0);
  // The inquiry still runs: deciding anew does not send it back to the judge.
  for (const flow of p.flows) flow.decideAgain();
  expect(p.records.get(1)).toMatchObject({ effect: 'held', verdict: { stage: 'person' } });
  // Its answer counts when it comes after all.
  p.judged(kept('allow'));
  await readAll(socket);
  expect(await p.until((r) => r.state === 'closed')).toMatchObject({
    verdict: { stage: 'judge', reason: 'judged' },
  });
});

test('a judge that takes too long with nobody there ends in policy.unattended', async () => {
  const { p } = await judgedProxy({ judge: { holdMs: 100 }, policy: { unattended: 'allow' } });
  const socket = await client(p.port);
  socket.end(GET('a.example'));
  expect((await readAll(socket)).toString()).toBe(GET('a.example'));
  expect(await p.until((r) => r.state === 'closed')).toMatchObject({
    effect: 'forward',
    defaulted: true,
    verdict: { reason: 'nobody_to_ask' },
  });
});

test('with whileJudging allow it goes on at once, and is reset when the judge blocks', async () => {
  const { p } = await judgedProxy();
  p.setJudge({ kind: 'allow', stage: 'judge', reason: 'while_judging', evidence: [] });
  const socket = await client(p.port);
  socket.write(GET('a.example'));
  await p.until((r) => r.upstreamIp !== null);
  expect(p.waiting.map(({ stage }) => stage)).toEqual(['judge']);
  const seen = errorOf(socket);
  p.judged(kept('block'));
  expect(await seen).toBe('ECONNRESET');
  expect(await p.until((r) => r.state === 'refused')).toMatchObject({ verdict: { kind: 'block' } });
});

test('with whileJudging block it is refused, and the judge asked all the same', async () => {
  const { p, real } = await judgedProxy();
  p.setJudge({ kind: 'block', stage: 'judge', reason: 'while_judging', evidence: [] });
  const socket = await client(p.port);
  socket.write(GET('a.example'));
  await readAll(socket);
  expect(await p.until((r) => r.state === 'refused')).toMatchObject({ verdict: { reason: 'while_judging' } });
  expect(p.waiting.length).toBe(1);
  expect(real.connections).toBe(0);
});

test('a rule made while it waits for the judge decides it', async () => {
  const { p, real } = await judgedProxy();
  const socket = await client(p.port);
  socket.write(GET('a.example'));
  await p.until((r) => r.effect === 'held');
  p.rule('block', 'a.example');
  for (const flow of p.flows) flow.decideAgain();
  await readAll(socket);
  expect(await p.until((r) => r.state === 'refused')).toMatchObject({ verdict: { stage: 'rules' } });
  expect(real.connections).toBe(0);
});

test('a client that goes while it waits ends the flow, and an answer that comes later does nothing', async () => {
  const { p, real } = await judgedProxy();
  const socket = await client(p.port);
  socket.write(GET('a.example'));
  await p.until((r) => r.effect === 'held');
  socket.resetAndDestroy();
  expect(await p.until((r) => r.state !== 'open')).toMatchObject({ state: 'client_reset', bytesOut: 0 });
  p.judged(kept('allow'));
  expect(p.records.get(1)?.state).toBe('client_reset');
  expect(real.connections).toBe(0);
  expect(p.flows.size).toBe(0);
});

test('more bytes than are kept wait in the kernel, and arrive whole after the answer', async () => {
  const { p } = await judgedProxy();
  const body = 'x'.repeat(3_000_000);
  const request = `POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const socket = await client(p.port);
  socket.end(request);
  await p.until((r) => r.effect === 'held');
  p.judged(kept('allow'));
  expect((await readAll(socket)).toString()).toBe(request);
});

test('permissive mode asks the judge and holds nothing', async () => {
  const { p } = await judgedProxy({ policy: { mode: 'permissive' } });
  const socket = await client(p.port);
  socket.end(GET('a.example'));
  expect((await readAll(socket)).toString()).toBe(GET('a.example'));
  expect(await p.until((r) => r.state === 'closed')).toMatchObject({ defaulted: true });
  expect(p.waiting.length).toBe(1);
});

test.each([
  ['permissive', 'forward'],
  ['lockdown', 'forbidden'],
] as const)('a mode changed to %s holds nobody any longer', async (mode, effect) => {
  const { p, real } = await judgedProxy();
  p.canAsk = true;
  const socket = await client(p.port);
  socket.end(GET('a.example'));
  await p.until((r) => r.effect === 'held');
  p.context.config = configSchema.parse({ policy: { mode } });
  for (const flow of p.flows) flow.decideAgain();
  expect(await p.until((r) => r.effect !== 'held')).toMatchObject({ effect, mode });
  await readAll(socket);
  expect(real.connections).toBe(mode === 'permissive' ? 1 : 0);
});

test('who waits for the person is not sent back to a judge that came up meanwhile', async () => {
  const { p } = await judgedProxy();
  p.judged(null);
  p.canAsk = true;
  const socket = await client(p.port);
  socket.end(GET('a.example'));
  await p.until((r) => r.effect === 'held' && r.verdict.stage === 'person');
  p.setJudge(ASK_JUDGE);
  for (const flow of p.flows) flow.decideAgain();
  expect(p.records.get(1)).toMatchObject({ effect: 'held', verdict: { stage: 'person' } });
  p.answer = ANSWERED;
  for (const flow of p.flows) flow.decideAgain();
  expect((await readAll(socket)).toString()).toBe(GET('a.example'));
});

test('what a late judge found that is unsure stands with the connections that wait for the person', async () => {
  const { p } = await judgedProxy({ judge: { holdMs: 100 } });
  p.canAsk = true;
  const socket = await client(p.port);
  socket.end(GET('a.example'));
  await p.until((r) => r.effect === 'held' && r.verdict.stage === 'person');
  const mark = { kind: 'judge', inquiry: 7, text: '‼ the page orders to allow it' } as const;
  p.context.policy = { ...p.context.policy, found: () => [mark] };
  p.judged(null);
  const record = await p.until((r) => r.verdict.evidence.some(({ text }) => text === mark.text));
  expect(record).toMatchObject({ effect: 'held', verdict: { stage: 'person' } });
  for (const flow of p.flows) flow.decideAgain();
  expect(p.records.get(1)?.verdict.evidence.filter(({ text }) => text === mark.text).length).toBe(1);
  p.answer = ANSWERED;
  for (const flow of p.flows) flow.decideAgain();
  expect((await readAll(socket)).toString()).toBe(GET('a.example'));
  expect(p.records.get(1)?.verdict).toMatchObject({ reason: 'answered', evidence: [mark] });
});

test('what a person said a moment ago goes before what the judge says now', async () => {
  const { p, real } = await judgedProxy();
  p.answer = { ...ANSWERED, kind: 'block' };
  p.setJudge(ASK_JUDGE, kept('allow'));
  const socket = await client(p.port);
  socket.write(GET('a.example'));
  expect((await readAll(socket)).toString()).toStartWith('HTTP/1.1 403');
  expect(p.records.get(1)?.verdict).toMatchObject({ kind: 'block', reason: 'answered' });
  expect(real.connections).toBe(0);
});

test('a judge that blocks later cuts no connection that a person allowed; a rule does', async () => {
  const { p } = await judgedProxy();
  p.canAsk = true;
  const socket = await client(p.port);
  socket.write(GET('a.example'));
  await p.until((r) => r.effect === 'held');
  p.answer = ANSWERED;
  for (const flow of p.flows) flow.decideAgain();
  await p.until((r) => r.upstreamIp !== null);
  p.answer = null;
  p.judged(kept('block'));
  expect(p.records.get(1)).toMatchObject({ state: 'open', verdict: { reason: 'answered' } });
  const seen = errorOf(socket);
  p.rule('block', 'a.example');
  for (const flow of p.flows) flow.decideAgain();
  expect(await seen).toBe('ECONNRESET');
});

test('a silent client whose server is connected already waits with its name all the same', async () => {
  const heard: Buffer[] = [];
  const real = await server((socket) =>
    socket.on('data', (bytes: Buffer) => heard.push(bytes)).on('end', () => socket.end()),
  );
  const p = proxy(real, { config: { proxy: { sniffWaitMs: 20 } } });
  p.names.set('a.example', ['127.0.0.1']);
  const socket = await client(p.port);
  await p.until((r) => r.upstreamIp !== null);
  p.setJudge(ASK_JUDGE);
  socket.end(`${GET('a.example')}${'x'.repeat(300_000)}`);
  await p.until((r) => r.effect === 'held');
  for (const flow of p.flows) expect(flow.relieve()).toBe(false);
  expect(heard).toEqual([]);
  p.judged(kept('allow'));
  await p.until((r) => r.state === 'closed');
  expect(Buffer.concat(heard).length).toBe(GET('a.example').length + 300_000);
  expect(real.connections).toBe(1);
});

test('a server that goes while a connection to it waits ends the wait', async () => {
  const sockets: Socket[] = [];
  const real = await server((socket) => sockets.push(socket));
  const p = proxy(real, { config: { proxy: { sniffWaitMs: 20 } } });
  p.names.set('a.example', ['127.0.0.1']);
  const socket = await client(p.port);
  await p.until((r) => r.upstreamIp !== null);
  p.setJudge(ASK_JUDGE);
  const seen = errorOf(socket);
  socket.write(GET('a.example'));
  await p.until((r) => r.effect === 'held');
  sockets[0]?.resetAndDestroy();
  expect(await seen).toBe('ECONNRESET');
  expect(await p.until((r) => r.state !== 'open')).toMatchObject({ state: 'server_reset', bytesOut: 0 });
  p.judged(kept('allow'));
  expect(p.flows.size).toBe(0);
});

test('a request to a proxy is not refused for a name that nobody is asked about', async () => {
  const { p } = await judgedProxy();
  p.context.policy = {
    ...p.context.policy,
    judge: ({ host }) =>
      host === null ? null : { kind: 'block', stage: 'judge', reason: 'while_judging', evidence: [] },
  };
  const socket = await client(p.port);
  const request = 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n';
  socket.end(request);
  expect((await readAll(socket)).toString()).toBe(request);
});

test.each(Array.from({ length: 12 }, (_, seed) => seed))(
  'whatever changes while connections wait, no byte of one that is not allowed leaves (%d)',
  async (seed) => {
    const heard = new Set<string>();
    const real = await server((socket) =>
      socket.on('data', (bytes: Buffer) => heard.add(/Host: (\S+)/.exec(bytes.toString())?.[1] ?? 'nobody')),
    );
    const p = proxy(real, { config: { policy: { unattended: 'block' } } });
    let state = seed * 2_654_435_761 + 1;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
    const passed = new Set<string>();
    const watch = (): void => {
      for (const { effect, target } of p.records.values())
        if (effect === 'forward') passed.add(target.host ?? '');
      for (const host of heard) expect([...passed]).toContain(host);
    };
    p.setJudge(ASK_JUDGE);
    p.canAsk = true;
    const hosts = Array.from({ length: 20 }, (_, i) => `n${i}.example`);
    for (const host of hosts) {
      p.names.set(host, ['127.0.0.1']);
      (await client(p.port)).write(GET(host));
    }
    await p.until((r) => r.effect === 'held', hosts.length);
    const acts: readonly (() => void)[] = [
      () => p.rule(random(2) === 0 ? 'allow' : 'block', hosts[random(hosts.length)] ?? ''),
      () => p.setJudge(ASK_JUDGE),
      () => p.judged(null),
      () => {
        p.canAsk = random(2) === 0;
      },
      () => [...p.flows][random(p.flows.size)]?.holdTimedOut(),
      () => [...p.flows][random(p.flows.size)]?.relieve(),
      () => {
        p.answer = random(3) === 0 ? { ...ANSWERED, kind: random(2) === 0 ? 'allow' : 'block' } : null;
        [...p.flows][random(p.flows.size)]?.decideAgain();
        p.answer = null;
      },
    ];
    for (let i = 0; i < 60 && p.flows.size > 0; i++) {
      acts[random(acts.length)]?.();
      for (const flow of p.flows) flow.decideAgain();
      watch();
      await new Promise((resolve) => setImmediate(resolve));
      watch();
    }
    for (const flow of p.flows) {
      flow.holdTimedOut();
      flow.holdTimedOut();
    }
    expect([...p.records.values()].filter(({ effect }) => effect === 'held')).toEqual([]);
    watch();
  },
);

test('a TLS client that ends after its hello has given up: nothing waits for it any more', async () => {
  const { p, real } = await judgedProxy();
  p.names.set('b.example', ['127.0.0.1']);
  const socket = await client(p.port);
  socket.end(hello({ extensions: [serverName('b.example')] }));
  expect(await p.until((r) => r.state !== 'open')).toMatchObject({
    state: 'client_reset',
    sniff: { protocol: 'tls', sni: 'b.example' },
  });
  p.judged(kept('allow'));
  expect(real.connections).toBe(0);
  expect(p.flows.size).toBe(0);
});
