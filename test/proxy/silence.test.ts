import { expect, test } from 'bun:test';
import { once } from 'node:events';
import { client, echo, errorOf, GET, proxy, readAll, server } from './real-sockets.ts';

/** A port where no server speaks first, at an address of its own for each test. */
const PORT = 8008;
let addresses = 0;
const place = (): { ip: string; port: number } => ({ ip: `127.77.0.${++addresses}`, port: PORT });
const QUICK = { proxy: { sniffWaitMs: 20 } };

test('nothing is dialled for a silent client where only clients speak first; it is closed after a while', async () => {
  const real = await server(echo, place());
  const p = proxy(real, { config: QUICK, idleMs: 200 });
  const socket = await client(p.port);
  expect((await readAll(socket)).length).toBe(0);
  expect(p.records.get(1)).toMatchObject({
    verdict: { kind: 'ask', stage: 'name', reason: 'said_nothing' },
    effect: 'closed',
    state: 'closed',
    upstreamIp: null,
    sniff: { protocol: 'silent' },
  });
  expect(real.connections).toBe(0);
  expect(p.flows.size).toBe(0);
});

test('a client that speaks after a long silence is read as if it had not been silent', async () => {
  const real = await server(echo, place());
  const p = proxy(real, { config: QUICK });
  p.rule('block', 'evil.example');
  p.names.set('a.example', [real.ip]);
  const waited = p.waits(2);
  const [good, bad] = [await client(p.port), await client(p.port)];
  await waited;
  good.end(GET('a.example'));
  bad.write(GET('evil.example'));
  expect((await readAll(good)).toString()).toBe(GET('a.example'));
  expect((await readAll(bad)).toString()).toStartWith('HTTP/1.1 403');
  expect(real.connections).toBe(1);
});

test('a client that goes without a word reaches nobody where only clients speak first', async () => {
  const real = await server(echo, place());
  const p = proxy(real, { config: QUICK });
  const ended = await client(p.port);
  ended.end();
  expect((await readAll(ended)).length).toBe(0);
  expect(await p.until((r) => r.state !== 'open')).toMatchObject({ effect: 'closed', state: 'closed' });
  const waited = p.waits(1);
  const gone = await client(p.port);
  await waited;
  gone.resetAndDestroy();
  expect(await p.until((r) => r.state !== 'open', 2)).toMatchObject({
    effect: 'closed',
    state: 'client_reset',
  });
  expect(real.connections).toBe(0);
});

test('a silent client of a blocked address is recorded as blocked', async () => {
  const real = await server(echo, place());
  const p = proxy(real, { config: QUICK, idleMs: 100 });
  p.rule('block', real.ip);
  const socket = await client(p.port);
  expect(await errorOf(socket)).toBe('ECONNRESET');
  expect(p.records.get(1)).toMatchObject({ effect: 'reset', verdict: { kind: 'block', reason: 'rule' } });
});

test('permissive mode dials nothing for a silent client either', async () => {
  const real = await server(echo, place());
  const p = proxy(real, { config: { ...QUICK, policy: { mode: 'permissive' } }, idleMs: 100 });
  p.rule('block', real.ip);
  expect((await readAll(await client(p.port))).length).toBe(0);
  expect(real.connections).toBe(0);
});

test('where servers may speak first, a name just refused there counts for the silent socket too', async () => {
  let greeted = 0;
  const real = await server((socket) => {
    greeted++;
    socket.write('220 mail\r\n');
  });
  const p = proxy(real, { config: QUICK });
  const first = await client(p.port);
  expect(String((await once(first, 'data'))[0])).toBe('220 mail\r\n');
  p.rule('block', 'evil.example');
  const named = await client(p.port);
  named.write(GET('evil.example'));
  await readAll(named);
  const silent = await client(p.port);
  expect(await errorOf(silent)).toBe('ECONNRESET');
  const record = await p.until((r) => r.state === 'refused', 3);
  expect(record).toMatchObject({
    effect: 'reset',
    verdict: { kind: 'block', reason: 'rule' },
    upstreamIp: null,
  });
  expect(record.verdict.evidence.at(-1)?.text).toContain('evil.example');
  expect(greeted).toBe(1);
});
