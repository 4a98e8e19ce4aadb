import { expect, test } from 'bun:test';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { unknownOrigin } from '../../src/attribute/attributor.ts';
import type { Ip } from '../../src/model/brand.ts';
import { Offload } from '../../src/proxy/offload/offload.ts';
import { CURL } from '../policy/examples.ts';
import type { TestProxy } from './harness.ts';
import { client, echo, errorOf, GET, open, proxy, readAll, server } from './real-sockets.ts';

/** Deterministic bytes that repeat nowhere near a buffer size. */
function bytes(size: number): Buffer {
  const out = Buffer.allocUnsafe(size);
  for (let i = 0, x = 1; i < size; i++) {
    x = (x * 1_103_515_245 + 12_345) & 0x7fffffff;
    out[i] = x >> 16;
  }
  return out;
}

test('forwards a request and its answer byte for byte, with half-close both ways', async () => {
  const real = await server(echo);
  const p = proxy(real);
  p.names.set('a.example', ['127.0.0.1']);
  const socket = await client(p.port);
  socket.end(GET('a.example'));
  expect((await readAll(socket)).toString()).toBe(GET('a.example'));
  const record = await p.until((r) => r.state !== 'open');
  expect(record).toMatchObject({
    state: 'closed',
    effect: 'forward',
    defaulted: true,
    nameMismatch: false,
    bytesIn: GET('a.example').length,
    bytesOut: GET('a.example').length,
    target: { host: 'a.example' },
    sniff: { protocol: 'http', httpHost: 'a.example' },
  });
  expect(p.flows.size).toBe(0);
});

test.each([[false], [true]])('carries 20 MB each way unchanged, offload %p', async (moved) => {
  const real = await server(echo);
  const offload = moved ? await Offload.start(null) : null;
  if (offload !== null) {
    const poll = setInterval(() => offload.poll(), 20);
    open.push({ close: () => clearInterval(poll) }, { close: () => offload.stop() });
  }
  const p = proxy(real, { offload });
  p.names.set('a.example', ['127.0.0.1']);
  const body = bytes(20_000_000);
  const socket = await client(p.port);
  const answer = readAll(socket);
  socket.write(GET('a.example'));
  socket.end(body);
  const got = await answer;
  expect(got.length).toBe(body.length + GET('a.example').length);
  expect(got.subarray(GET('a.example').length).equals(body)).toBe(true);
  const record = await p.until((r) => r.state !== 'open');
  expect(record).toMatchObject({ state: 'closed', bytesIn: got.length, bytesOut: got.length });
});

test('a connection that comes round and round reaches no server, and its reason is named', async () => {
  const real = await server(echo);
  const p = proxy(real);
  p.names.set('a.example', ['127.0.0.1']);
  p.looks.push(CURL);
  for (let round = 0; round < 200; round++)
    p.loops.goesRound(CURL.pid, { ip: real.ip as Ip, port: real.port });
  const socket = await client(p.port);
  socket.write(GET('a.example'));
  expect((await readAll(socket)).toString()).toContain('intercept.skip');
  expect(real.connections).toBe(0);
  expect(await p.until(() => true)).toMatchObject({ verdict: { stage: 'accept', reason: 'redirect_loop' } });
});

test('a program that is blocked by a rule, however often it tries, is not said to come round', async () => {
  const real = await server(echo);
  const p = proxy(real);
  p.rule('block', 'example');
  p.looks.push(CURL);
  for (let round = 0; round < 200; round++)
    p.loops.goesRound(CURL.pid, { ip: real.ip as Ip, port: real.port });
  const socket = await client(p.port);
  socket.write(GET('a.example'));
  await readAll(socket);
  expect(await p.until(() => true)).toMatchObject({ verdict: { stage: 'rules', reason: 'rule' } });
});

test('a blocked name reaches no server; plain HTTP is told why', async () => {
  const real = await server(echo);
  const p = proxy(real);
  p.names.set('a.example', ['127.0.0.1']);
  p.rule('block', 'example');
  const socket = await client(p.port);
  socket.write(GET('A.Example.'));
  const answer = (await readAll(socket)).toString();
  expect(answer).toStartWith('HTTP/1.1 403 Forbidden\r\n');
  expect(answer).toContain('resolagent blocked a.example');
  expect(real.connections).toBe(0);
  expect(await p.until(() => true)).toMatchObject({
    effect: 'forbidden',
    state: 'refused',
    verdict: { kind: 'block' },
  });
});

test('a connection that is blocked only because its program is not known is looked at once more', async () => {
  const real = await server(echo);
  const p = proxy(real);
  p.names.set('a.example', ['127.0.0.1']);
  p.rule('block', 'a.example', '/usr/bin/evil');
  p.looks.push(unknownOrigin('timed_out'), CURL);
  const known = await client(p.port);
  known.end(GET('a.example'));
  expect((await readAll(known)).toString()).toBe(GET('a.example'));
  expect(await p.until((r) => r.state === 'closed')).toMatchObject({ origin: { path: CURL.path } });

  p.looks.push(unknownOrigin('timed_out'), unknownOrigin('no_process'), CURL);
  const stranger = await client(p.port);
  stranger.write(GET('a.example'));
  expect((await readAll(stranger)).toString()).toContain('the program is not known, so it counts as any');
  expect(await p.until((r) => r.state === 'refused', 2)).toMatchObject({
    origin: { unknown: 'timed_out' },
    verdict: { kind: 'block', reason: 'unknown_origin' },
  });
  expect(real.connections).toBe(1);
  expect(p.looks).toHaveLength(1);
});

test('a socket that its process has closed is not looked for again', async () => {
  const real = await server(echo);
  const p = proxy(real);
  p.names.set('a.example', ['127.0.0.1']);
  p.rule('block', 'a.example', '/usr/bin/evil');
  p.looks.push(unknownOrigin('socket_gone'), CURL);
  const socket = await client(p.port);
  socket.write(GET('a.example'));
  expect((await readAll(socket)).toString()).toStartWith('HTTP/1.1 403');
  expect(p.looks).toEqual([CURL]);
  expect(real.connections).toBe(0);
});

test('an open connection whose program is not known is looked at before a new rule by program cuts it', async () => {
  const real = await server(echo);
  const p = proxy(real);
  p.names.set('a.example', ['127.0.0.1']);
  const talk = async (id: number) => {
    const socket = await client(p.port);
    socket.write(GET('a.example'));
    await once(socket, 'data');
    await p.until((r) => r.upstreamIp !== null, id);
    return socket;
  };
  p.looks.push(unknownOrigin('no_process'), unknownOrigin('no_process'));
  const [first, second] = [await talk(1), await talk(2)];
  p.rule('block', 'a.example', '/usr/bin/evil');
  p.looks.push(CURL, unknownOrigin('socket_gone'));
  const ended = errorOf(second);
  for (const flow of p.flows) flow.decideAgain();
  expect(await p.until((r) => r.state === 'refused', 2)).toMatchObject({
    verdict: { reason: 'unknown_origin' },
  });
  expect(await ended).toBe('ECONNRESET');
  first.write('more');
  expect(String(await once(first, 'data'))).toBe('more');
});

test('a blocked connection that is not HTTP is reset', async () => {
  const real = await server(echo);
  const p = proxy(real);
  p.rule('block', '127.0.0.1');
  const socket = await client(p.port);
  socket.write('SSH-2.0-x\r\n');
  expect(await errorOf(socket)).toBe('ECONNRESET');
  expect(real.connections).toBe(0);
});

test('a server that speaks first is heard, and the answer is no hello', async () => {
  const real = await server((socket) => {
    socket.write('220 mail\r\n');
    socket.on('data', (data) => socket.end(`got ${data}`));
  });
  const p = proxy(real, { config: { proxy: { sniffWaitMs: 20 } } });
  p.rule('block', 'evil.example');
  const socket = await client(p.port);
  const [greeting] = (await once(socket, 'data')) as [Buffer];
  expect(greeting.toString()).toBe('220 mail\r\n');
  socket.write(GET('evil.example'));
  expect((await readAll(socket)).toString()).toBe(`got ${GET('evil.example')}`);
  expect(await p.until((r) => r.state === 'closed')).toMatchObject({ sniff: { protocol: 'silent' } });
});

test('a client that names a blocked server only after the silence is cut before a byte passes', async () => {
  let heard = 0;
  const real = await server((socket) => socket.on('data', (data) => (heard += data.length)));
  const p = proxy(real, { config: { proxy: { sniffWaitMs: 20 } } });
  p.rule('block', 'evil.example');
  const socket = await client(p.port);
  await p.until((r) => r.upstreamIp !== null);
  socket.write(GET('evil.example'));
  expect(await errorOf(socket).catch(() => 'none')).toBe('ECONNRESET');
  expect(heard).toBe(0);
  expect(await p.until((r) => r.state === 'refused')).toMatchObject({ target: { host: 'evil.example' } });
});

/** Makes a proxy's connections to servers wait until they are let go. */
function holdConnects(p: TestProxy): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<() => void>();
  const { connect } = p.context;
  Object.assign(p.context, {
    connect: (...args: Parameters<typeof connect>) => resolve(() => connect(...args)),
  });
  return promise;
}

/** Settles when the proxy's only flow was told of what its client did. */
function told(p: TestProxy, what: 'clientData' | 'clientEnd'): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const [flow] = p.flows;
  if (flow === undefined) throw new Error('there is no flow');
  const tell = flow[what].bind(flow) as (bytes: Uint8Array) => void;
  flow[what] = (bytes?: Uint8Array) => {
    tell(bytes as Uint8Array);
    resolve();
  };
  return promise;
}

test('a blocked server named while the silent client was being connected gets no byte', async () => {
  let heard = 0;
  const real = await server((socket) => socket.on('data', (data) => (heard += data.length)));
  const p = proxy(real, { config: { proxy: { sniffWaitMs: 20 } } });
  p.rule('block', 'evil.example');
  const dialling = holdConnects(p);
  const socket = await client(p.port);
  const letGo = await dialling;
  const spoke = told(p, 'clientData');
  socket.write(GET('evil.example'));
  await spoke;
  letGo();
  expect(await errorOf(socket).catch(() => 'none')).toBe('ECONNRESET');
  expect(heard).toBe(0);
  expect(await p.until((r) => r.state === 'refused')).toMatchObject({ target: { host: 'evil.example' } });
});

test('a silent client that speaks and ends while it is being connected is heard to the end', async () => {
  const real = await server(echo);
  const p = proxy(real, { config: { proxy: { sniffWaitMs: 20 } } });
  p.names.set('a.example', ['127.0.0.1']);
  const dialling = holdConnects(p);
  const socket = await client(p.port);
  const letGo = await dialling;
  const ended = told(p, 'clientEnd');
  socket.end(GET('a.example'));
  await ended;
  letGo();
  expect((await readAll(socket)).toString()).toBe(GET('a.example'));
  expect(await p.until((r) => r.state === 'closed')).toMatchObject({ target: { host: 'a.example' } });
});

test('a client that goes while it is being connected leaves no connection to the server', async () => {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const real = await server((socket) => socket.on('close', () => resolve()));
  const p = proxy(real);
  const dialling = holdConnects(p);
  const socket = await client(p.port);
  socket.write('SSH-2.0-x\r\n');
  const letGo = await dialling;
  socket.resetAndDestroy();
  await p.until((r) => r.state === 'client_reset');
  letGo();
  await ended;
  expect(p.records.get(1)).toMatchObject({ state: 'client_reset', upstreamIp: null });
});

test('a client that names an allowed server after the silence goes on', async () => {
  const real = await server(echo);
  const p = proxy(real, { config: { proxy: { sniffWaitMs: 20 } } });
  p.names.set('a.example', ['127.0.0.1']);
  const socket = await client(p.port);
  await p.until((r) => r.upstreamIp !== null);
  socket.end(GET('a.example'));
  expect((await readAll(socket)).toString()).toBe(GET('a.example'));
  expect(real.connections).toBe(1);
});

test('a name that leads elsewhere takes the connection there', async () => {
  const real = await server(echo);
  const p = proxy({ ip: '127.0.0.1', port: real.port });
  p.names.set('a.example', ['198.51.100.7']);
  const socket = await client(p.port);
  socket.write(GET('a.example'));
  const record = await p.until((r) => r.verdict !== null);
  expect(record.effect).toBe('forward');
  expect(real.connections).toBe(0);
  socket.destroy();
  expect(await p.until((r) => r.state !== 'open')).toMatchObject({ nameMismatch: true, bytesIn: 0 });
});

test.each([
  ['does not exist', [], 'name_unresolved'],
  ['leads to a private address', ['10.0.0.1', '127.0.0.2'], 'name_private'],
])('a name that %s reaches nobody', async (_what, ips, reason) => {
  const real = await server(echo);
  const p = proxy(real);
  p.names.set('a.example', ips);
  const socket = await client(p.port);
  socket.write(GET('a.example'));
  expect((await readAll(socket)).toString()).toStartWith('HTTP/1.1 403');
  expect(await p.until((r) => r.state === 'refused')).toMatchObject({
    verdict: { kind: 'block', stage: 'name', reason },
  });
  expect(real.connections).toBe(0);
});

test('an address rule holds for the address a name leads to', async () => {
  const real = await server(echo);
  const p = proxy(real);
  p.names.set('a.example', ['198.51.100.7']);
  p.rule('block', '198.51.100.0/24');
  const socket = await client(p.port);
  socket.write(GET('a.example'));
  await readAll(socket);
  expect(await p.until((r) => r.state === 'refused')).toMatchObject({
    verdict: { reason: 'upstream_blocked' },
  });
});

test('what a rule for the dialled address allows does not extend to the other addresses of a name', async () => {
  const p = proxy({ ip: '203.0.113.7', port: 443 }, { config: { policy: { unattended: 'block' } } });
  p.names.set('a.example', ['203.0.113.7', '203.0.113.8']);
  p.rule('allow', '203.0.113.7');
  const dialled: string[] = [];
  Object.assign(p.context, {
    connect: (ip: string, _port: number, dial: { attemptFailed(code: string): void }) => {
      dialled.push(ip);
      queueMicrotask(() => dial.attemptFailed('ECONNREFUSED'));
    },
  });
  const socket = await client(p.port);
  socket.write(GET('a.example'));
  expect(await p.until((r) => r.state !== 'open')).toMatchObject({ state: 'connect_failed' });
  expect(dialled).toEqual(['203.0.113.7']);
});

test('a reset by the client reaches the server, and the other way round', async () => {
  const errors: string[] = [];
  let peer: Socket | undefined;
  const real = await server((socket) => {
    peer = socket;
    socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code ?? ''));
    socket.write('x');
  });
  const p = proxy(real);
  p.names.set('a.example', ['127.0.0.1']);
  const one = await client(p.port);
  one.write(GET('a.example'));
  await once(one, 'data');
  const gone = new Promise((resolve) => peer?.once('close', resolve));
  one.resetAndDestroy();
  await gone;
  expect(errors).toEqual(['ECONNRESET']);
  expect(await p.until((r) => r.state !== 'open')).toMatchObject({ state: 'client_reset' });

  const two = await client(p.port);
  two.write(GET('a.example'));
  await once(two, 'data');
  const seen = errorOf(two);
  (peer as Socket).resetAndDestroy();
  expect(await seen).toBe('ECONNRESET');
  expect(await p.until((r) => r.state !== 'open', 2)).toMatchObject({ state: 'server_reset' });
});

test('a server that refuses is told of, and the client is reset', async () => {
  const p = proxy({ ip: '127.0.0.1', port: 1 });
  p.names.set('a.example', ['127.0.0.1']);
  const socket = await client(p.port);
  socket.write(GET('a.example'));
  expect(await errorOf(socket)).toBe('ECONNRESET');
  expect(await p.until((r) => r.state !== 'open')).toMatchObject({
    state: 'connect_failed',
    detail: 'ECONNREFUSED',
  });
});

test('a receiver that stalls stops its sender instead of filling memory', async () => {
  const real = await server(() => undefined);
  real.connections = 0;
  const p = proxy(real);
  p.names.set('a.example', ['127.0.0.1']);
  const socket = await client(p.port);
  socket.write(GET('a.example'));
  const chunk = bytes(1_000_000);
  let sent = 0;
  // The server never reads: writes are accepted until every kernel buffer on the way is full.
  while (socket.write(chunk) && sent < 500) sent++;
  for (let i = 0; i < 50; i++) {
    const drained = await Promise.race([
      once(socket, 'drain').then(() => true),
      Bun.sleep(100).then(() => false),
    ]);
    if (!drained) break;
    while (socket.write(chunk) && sent < 500) sent++;
  }
  expect(sent).toBeLessThan(200);
  expect((await p.until(() => true)).effect).toBe('forward');
});

test('holds an open question while somebody can be asked, and goes on with the answer', async () => {
  const real = await server(echo);
  const p = proxy(real, { config: { policy: { ask: 'person' } } });
  p.names.set('a.example', ['127.0.0.1']);
  p.canAsk = true;
  const socket = await client(p.port);
  socket.end(GET('a.example'));
  await p.until((r) => r.effect === 'held');
  expect(real.connections).toBe(0);
  p.rule('allow', 'a.example');
  for (const flow of p.flows) flow.decideAgain();
  expect((await readAll(socket)).toString()).toBe(GET('a.example'));
  expect(await p.until((r) => r.state === 'closed')).toMatchObject({
    effect: 'forward',
    verdict: { kind: 'allow', stage: 'rules' },
  });
});

test('a held flow that nobody answers ends as policy.unattended says, and says so', async () => {
  const real = await server(echo);
  const p = proxy(real, { config: { policy: { ask: 'person', holdMs: 1_000, unattended: 'block' } } });
  p.names.set('a.example', ['127.0.0.1']);
  p.canAsk = true;
  const socket = await client(p.port);
  socket.write(GET('a.example'));
  expect((await readAll(socket)).toString()).toStartWith('HTTP/1.1 403');
  expect(await p.until((r) => r.state === 'refused')).toMatchObject({
    defaulted: true,
    verdict: { reason: 'time_over' },
  });
});

test('a rule made later resets an open flow', async () => {
  const real = await server(echo);
  const p = proxy(real);
  p.names.set('a.example', ['127.0.0.1']);
  const socket = await client(p.port);
  socket.write(GET('a.example'));
  await once(socket, 'data');
  p.rule('block', 'a.example');
  const seen = errorOf(socket);
  expect([...p.flows].map((flow) => flow.decideAgain())).toEqual([true]);
  expect(await seen).toBe('ECONNRESET');
  expect(await p.until((r) => r.state !== 'open')).toMatchObject({
    state: 'refused',
    effect: 'reset',
    verdict: { kind: 'block' },
  });
});

test.each([
  'GET http://evil.example/ HTTP/1.1\r\nHost: ok.example\r\n\r\n',
  'CONNECT www.evil.example:443 HTTP/1.1\r\n\r\n',
])('a blocked name asked of a proxy is blocked: %p', async (request) => {
  const real = await server(echo);
  const p = proxy(real);
  p.rule('block', 'evil.example');
  const socket = await client(p.port);
  socket.write(request);
  expect((await readAll(socket)).toString()).toStartWith('HTTP/1.1 403');
  expect(real.connections).toBe(0);
});

test('an allowed name asked of a proxy does not allow the proxy', async () => {
  const real = await server(echo);
  const p = proxy(real, { config: { policy: { unattended: 'block' } } });
  p.rule('allow', 'good.example');
  const socket = await client(p.port);
  socket.write('CONNECT good.example:443 HTTP/1.1\r\n\r\n');
  expect((await readAll(socket)).toString()).toStartWith('HTTP/1.1 403');
  expect(real.connections).toBe(0);
});

test.each([
  ['a hello that breaks the grammar', Buffer.from([0x16, 3, 1, 0, 6, 1, 0, 0, 2, 3, 3])],
  ['a hello that never ends', Buffer.from([0x16, 3, 1, 2, 0, 1, 0])],
])('%s reaches nobody, unless a rule allows the address', async (_what, bytes) => {
  const real = await server(echo);
  const p = proxy(real, { config: { proxy: { sniffTimeoutMs: 100 } } });
  const socket = await client(p.port);
  socket.write(bytes);
  expect(await errorOf(socket)).toBe('ECONNRESET');
  expect(real.connections).toBe(0);
  expect(await p.until((r) => r.state === 'refused')).toMatchObject({
    verdict: { kind: 'block', reason: 'unreadable_name' },
  });
  p.rule('allow', '127.0.0.1');
  const allowed = await client(p.port);
  allowed.end(bytes);
  expect((await readAll(allowed)).equals(bytes)).toBe(true);
});

test('a protocol that begins with a short word waits no longer than a silent one', async () => {
  const real = await server(echo);
  const p = proxy(real, { config: { proxy: { sniffWaitMs: 20, sniffTimeoutMs: 60_000 } } });
  const socket = await client(p.port);
  socket.write('xyz');
  expect(String((await once(socket, 'data'))[0])).toBe('xyz');
  expect(await p.until(() => true)).toMatchObject({ sniff: { protocol: 'unknown' } });
});
