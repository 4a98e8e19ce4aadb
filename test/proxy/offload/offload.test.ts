import { afterAll, beforeAll, expect, test } from 'bun:test';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Offload } from '../../../src/proxy/offload/offload.ts';
import { Pressure } from '../../../src/proxy/pressure.ts';
import { until } from '../../until.ts';
import { TestProxy } from '../harness.ts';

const HANDED_MS = 10_000;

const LARGE = Buffer.alloc(3_000_000, 'x');
/** A protocol of its own: plain HTTP stays where every request of it is read. */
const OPENING = 'good day\n';
const NOBODY = { moved: () => undefined, moveEnded: () => undefined };
let offload: Offload;
let poll: ReturnType<typeof setInterval>;
let listening: Server;
let proxy: TestProxy;
const peers: Socket[] = [];
const peerErrors: (string | undefined)[] = [];

beforeAll(async () => {
  offload = await Offload.start(null);
  poll = setInterval(() => offload.poll(), 10);
  listening = createServer({ allowHalfOpen: true }, (socket) => {
    peers.push(socket);
    socket.on('error', (error: NodeJS.ErrnoException) => peerErrors.push(error.code));
    socket.write(LARGE);
  }).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  proxy = new TestProxy(
    { ip: '127.0.0.1', port: (listening.address() as { port: number }).port },
    { offload },
  );
  proxy.names.set('a.example', ['127.0.0.1']);
});
afterAll(() => {
  clearInterval(poll);
  proxy.close();
  listening.close();
  offload.stop();
});

/** A flow that has been handed over, its client and its server's socket. */
async function movedFlow(): Promise<{ id: number; socket: Socket; peer: Socket }> {
  const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  socket.write(OPENING);
  let got = 0;
  for await (const part of socket.iterator({ destroyOnReturn: false })) {
    got += (part as Buffer).length;
    if (got >= LARGE.length) break;
  }
  const id = proxy.records.size;
  await until('the flow is handed over', HANDED_MS, () => offload.size > 0);
  return { id, socket, peer: peers.at(-1) as Socket };
}

test('bytes go both ways after the hand-over, and both half-closes are kept', async () => {
  const { id, socket, peer } = await movedFlow();
  const heard: Buffer[] = [];
  peer.on('data', (data: Buffer) => heard.push(data));
  const asked = once(peer, 'end');
  socket.end('question');
  await asked;
  const answer = once(socket, 'data');
  peer.end('answer');
  expect(String((await answer)[0])).toBe('answer');
  expect(Buffer.concat(heard).toString()).toEndWith('question');
  const record = await proxy.until((r) => r.state !== 'open', id);
  expect(record).toMatchObject({ state: 'closed', bytesIn: LARGE.length + 6, bytesOut: OPENING.length + 8 });
  expect(offload.size).toBe(0);
});

test('a flow whose receiver stalls leaves with the bytes that wait for it, none lost, doubled or out of order', async () => {
  const sent = Buffer.alloc(24_000_000);
  for (let i = 0; i < sent.length; i += 4) sent.writeUInt32LE(i, i);
  const server = createServer((socket) => socket.end(sent)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const other = new TestProxy(
    { ip: '127.0.0.1', port: (server.address() as { port: number }).port },
    { offload },
  );
  other.names.set('a.example', ['127.0.0.1']);
  const socket = connect({ port: other.port, host: '127.0.0.1' });
  socket.pause();
  socket.write(OPENING);
  await until('the flow is handed over', HANDED_MS, () => offload.size > 0);
  // Nobody has read: what passed through JavaScript lies in socket buffers or left with the flow.
  const [flow] = other.flows;
  expect(flow?.record()).toMatchObject({ state: 'open', bytesIn: expect.any(Number) });
  const got: Buffer[] = [];
  for await (const part of socket) got.push(part as Buffer);
  expect(Buffer.concat(got).equals(sent)).toBe(true);
  const record = await other.until((r) => r.state !== 'open');
  expect(record).toMatchObject({ state: 'closed', bytesIn: sent.length, bytesOut: OPENING.length });
  other.close();
  server.close();
});

test('an upload to a server that stalls leaves the same way', async () => {
  const sent = Buffer.alloc(24_000_000);
  for (let i = 0; i < sent.length; i += 4) sent.writeUInt32LE(i, i);
  const { promise, resolve } = Promise.withResolvers<Socket>();
  const server = createServer({ pauseOnConnect: true }, resolve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = (server.address() as { port: number }).port;
  const other = new TestProxy({ ip: '127.0.0.1', port }, { offload });
  other.names.set('a.example', ['127.0.0.1']);
  const socket = connect({ port: other.port, host: '127.0.0.1' });
  socket.write(OPENING);
  const peer = await promise;
  socket.end(sent);
  await until('the flow is handed over', HANDED_MS, () => offload.size > 0);
  const got: Buffer[] = [];
  for await (const part of peer) got.push(part as Buffer);
  expect(Buffer.concat(got).subarray(OPENING.length).equals(sent)).toBe(true);
  const record = await other.until((r) => r.state !== 'open');
  expect(record).toMatchObject({ state: 'closed', bytesIn: 0, bytesOut: OPENING.length + sent.length });
  other.close();
  server.close();
});

test('an idle flow is handed over when descriptors run short, and goes on where it was', async () => {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = (server.address() as { port: number }).port;
  const other = new TestProxy({ ip: '127.0.0.1', port }, { offload });
  other.names.set('a.example', ['127.0.0.1']);
  const socket = connect({ port: other.port, host: '127.0.0.1' });
  const say = async (text: string): Promise<string> => {
    socket.write(text);
    return String((await once(socket, 'data'))[0]);
  };
  expect(await say(OPENING)).toBe(OPENING);
  const flows = new Map([...other.flows].map((flow) => [flow.id, flow]));
  new Pressure(1_000, offload).relieve(flows);
  expect(offload.size).toBe(0);
  new Pressure(3, offload).relieve(flows);
  expect(offload.size).toBe(1);
  expect(await say('two')).toBe('two');
  socket.end();
  const record = await other.until((r) => r.state !== 'open');
  expect(record).toMatchObject({
    state: 'closed',
    bytesIn: OPENING.length + 3,
    bytesOut: OPENING.length + 3,
  });
  other.close();
  server.close();
});

test('what the descriptor limit has no room for stays in JavaScript', async () => {
  const small = await Offload.start(1_025);
  expect(small.take({ clientFd: 0, upstreamFd: 1, toClient: null, toUpstream: null }, NOBODY)).toBeNull();
  small.stop();
});

test('a reset by the client reaches the server', async () => {
  const { id, socket, peer } = await movedFlow();
  const gone = new Promise((resolve) => peer.once('close', resolve));
  socket.resetAndDestroy();
  await gone;
  expect(peerErrors.at(-1)).toBe('ECONNRESET');
  expect(await proxy.until((r) => r.state !== 'open', id)).toMatchObject({ state: 'client_reset' });
});

test('a reset by the server reaches the client', async () => {
  const { id, socket, peer } = await movedFlow();
  const failed = new Promise<string | undefined>((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  peer.resetAndDestroy();
  expect(await failed).toBe('ECONNRESET');
  expect(await proxy.until((r) => r.state !== 'open', id)).toMatchObject({ state: 'server_reset' });
});

test('a rule made later resets a flow that was handed over', async () => {
  const { id, peer } = await movedFlow();
  proxy.rule('block', '127.0.0.1');
  const gone = new Promise((resolve) => peer.once('close', resolve));
  for (const flow of proxy.flows) flow.decideAgain();
  await gone;
  proxy.rule('allow', 'a.example');
  expect(await proxy.until((r) => r.state !== 'open', id)).toMatchObject({
    state: 'refused',
    verdict: { kind: 'block' },
  });
});

test('descriptors of ended flows are closed in both threads', async () => {
  const open = (): number => readdirSync('/proc/self/fd').length + threadFds();
  const { socket, peer, id } = await movedFlow();
  socket.end();
  peer.end();
  await proxy.until((r) => r.state !== 'open', id);
  const before = open();
  for (let i = 0; i < 5; i++) {
    const flow = await movedFlow();
    flow.socket.resetAndDestroy();
    await proxy.until((r) => r.state !== 'open', flow.id);
  }
  await until('no descriptor is left', HANDED_MS, () => open() <= before);
});

/** Descriptors of the threads that have a table of their own. */
function threadFds(): number {
  const counts = readdirSync('/proc/self/task').map(
    (task) => readdirSync(`/proc/self/task/${task}/fd`).length,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

test('its thread answers each time it is asked', async () => {
  for (let asked = 0; asked < 10; asked++) await until('it has answered', HANDED_MS, () => offload.answers());
  expect(offload.state).toBe('runs');
});

test('when its thread ends by itself the flows it carried end, that is told, and new ones go on without it', async () => {
  const told: string[] = [];
  const gone = Promise.withResolvers<void>();
  const mortal = await Offload.start(null, (text) => {
    told.push(text);
    gone.resolve();
  });
  const own = new TestProxy(proxy.server, { offload: mortal });
  own.names.set('a.example', ['127.0.0.1']);
  const fetchAll = async (): Promise<number> => {
    const socket = connect({ port: own.port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    socket.write(OPENING);
    let got = 0;
    for await (const part of socket.iterator({ destroyOnReturn: false })) {
      got += (part as Buffer).length;
      if (got >= LARGE.length) break;
    }
    return got;
  };
  await fetchAll();
  await until('the flow is handed over', HANDED_MS, () => mortal.size > 0);
  (mortal as unknown as { worker: Worker }).worker.terminate();
  await gone.promise;
  expect(told).toEqual([expect.stringContaining('1 connections are cut')]);
  expect([mortal.size, mortal.state, mortal.answers()]).toEqual([0, 'ended', true]);
  expect(own.records.get(1)?.state).toBe('server_reset');
  expect(await fetchAll()).toBe(LARGE.length);
  expect(mortal.size).toBe(0);
  own.close();
});
