import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Offload } from '../../src/proxy/offload/offload.ts';
import { Pressure } from '../../src/proxy/pressure.ts';
import { hello, serverName } from '../sniff/hello.ts';
import { until } from '../until.ts';
import { TestProxy } from './harness.ts';

const SOON_MS = 10_000;
const MB = 1_000_000;
const BAD = 'GET /secret HTTP/1.1\r\nHost: bad.example\r\n\r\n';

let offload: Offload;
let poll: ReturnType<typeof setInterval>;
const open: { close(): void }[] = [];

beforeAll(async () => {
  offload = await Offload.start(null);
  poll = setInterval(() => offload.poll(), 10);
});
afterEach(async () => {
  for (const each of open.splice(0)) each.close();
  await until('all that was carried has ended', SOON_MS, () => offload.size === 0);
});
afterAll(() => {
  clearInterval(poll);
  offload.stop();
});

/** Bytes whose every word tells where it stands. */
function counted(bytes: number): Buffer {
  const all = Buffer.alloc(bytes);
  for (let i = 0; i + 4 <= bytes; i += 4) all.writeUInt32LE(i, i);
  return all;
}

const get = (path: string): string => `GET /${path} HTTP/1.1\r\nHost: a.example\r\n\r\n`;
const post = (bytes: number): string =>
  `POST /up HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${bytes}\r\n\r\n`;
const answer = (bytes: number): string => `HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`;

/** All that came to a socket, and what else can be known of its end. */
class Heard {
  #parts: Buffer[] = [];
  length = 0;
  ended = false;
  error: string | null = null;

  constructor(readonly socket: Socket) {
    socket.on('data', (data: Buffer) => {
      this.#parts.push(data);
      this.length += data.length;
    });
    socket.on('end', () => {
      this.ended = true;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.error = error.code ?? 'unknown';
    });
  }

  get all(): Buffer {
    const all = Buffer.concat(this.#parts);
    this.#parts = [all];
    return all;
  }

  async reaches(bytes: number): Promise<void> {
    await until(`${bytes} bytes have come`, SOON_MS, () => this.length >= bytes);
  }

  async closes(): Promise<void> {
    if (!this.socket.closed) await once(this.socket, 'close').catch(() => undefined);
  }
}

interface Talk {
  readonly proxy: TestProxy;
  readonly client: Heard;
  readonly server: Heard;
}

/** A client that is connected to a server and has said `first` to it. */
async function talk(first: string | Buffer, carrier = offload): Promise<Talk> {
  const { promise, resolve } = Promise.withResolvers<Heard>();
  const listening: Server = createServer({ allowHalfOpen: true }, (socket) => resolve(new Heard(socket)));
  await once(listening.listen(0, '127.0.0.1'), 'listening');
  const { port } = listening.address() as { port: number };
  const proxy = new TestProxy({ ip: '127.0.0.1', port }, { offload: carrier });
  proxy.names.set('a.example', ['127.0.0.1']);
  proxy.names.set('bad.example', ['127.0.0.1']);
  proxy.rule('block', 'bad.example');
  const client = new Heard(connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true }));
  open.push(proxy, listening, { close: () => client.socket.destroy() });
  client.socket.write(first);
  const server = await promise;
  open.push({ close: () => server.socket.destroy() });
  return { proxy, client, server };
}

/** A talk whose server has answered with so much, of which nothing is missing. */
async function downloaded(bytes: number): Promise<Talk> {
  const t = await talk(get('big'));
  await t.server.reaches(get('big').length);
  t.server.socket.write(answer(bytes));
  t.server.socket.write(counted(bytes));
  await t.client.reaches(answer(bytes).length + bytes);
  expect(t.client.all.subarray(answer(bytes).length).equals(counted(bytes))).toBe(true);
  return t;
}

/** The connection was cut, and the server heard nothing but `said`; what was still on its way may have gone with the reset. */
async function expectRefused({ proxy, client, server }: Talk, said: string | Buffer): Promise<void> {
  await Promise.all([client.closes(), server.closes()]);
  expect(server.all.equals(Buffer.from(said).subarray(0, server.length))).toBe(true);
  const record = await proxy.until((r) => r.state !== 'open');
  expect(record).toMatchObject({ effect: 'reset', state: 'refused' });
}

test('a large answer is carried by the offload thread, and the next requests are read all the same', async () => {
  const t = await downloaded(24 * MB);
  expect([offload.size, offload.whole]).toEqual([1, 0]);
  t.client.socket.write(get('again'));
  await t.server.reaches((get('big') + get('again')).length);
  const before = t.client.length;
  t.server.socket.write(answer(2));
  t.server.socket.write('ok');
  await t.client.reaches(before + answer(2).length + 2);
  t.client.socket.write(BAD);
  await expectRefused(t, get('big') + get('again'));
});

test('a blocked request that comes while the answer runs ends the connection before it has passed', async () => {
  const t = await talk(get('big'));
  await t.server.reaches(get('big').length);
  t.server.socket.write(answer(64 * MB));
  const pump = setInterval(
    () => t.server.socket.writableLength < MB && t.server.socket.write(counted(MB)),
    1,
  );
  open.push({ close: () => clearInterval(pump) });
  await until('the answer is carried', SOON_MS, () => offload.size === 1);
  t.client.socket.write(get('fine') + BAD);
  await expectRefused(t, get('big') + get('fine'));
});

test.each([[3], [24]])('nothing of a blocked request right behind %d MB of body passes', async (size) => {
  const body = counted(size * MB);
  const t = await talk(post(body.length));
  t.client.socket.write(body.subarray(0, 2 * MB));
  await t.server.reaches(post(body.length).length + 2 * MB - 100_000);
  t.client.socket.write(Buffer.concat([body.subarray(2 * MB), Buffer.from(BAD)]));
  await expectRefused(t, Buffer.concat([Buffer.from(post(body.length)), body]));
});

test('after a body the flow goes on in JavaScript, and the next body leaves it again', async () => {
  const body = counted(16 * MB);
  const head = post(body.length);
  const t = await talk(head);
  for (let round = 1; round <= 3; round++) {
    if (round > 1) t.client.socket.write(head);
    t.server.socket.pause();
    t.client.socket.write(body);
    await until('the body is carried', SOON_MS, () => offload.size === 1);
    t.server.socket.resume();
    await t.server.reaches(round * (head.length + body.length));
    t.server.socket.write(answer(0));
    await t.client.reaches(round * answer(0).length);
    await until('it is back', SOON_MS, () => offload.size === 0);
  }
  const once = Buffer.concat([Buffer.from(head), body]);
  expect(t.server.all.equals(Buffer.concat([once, once, once]))).toBe(true);
  t.client.socket.end();
  await until('the end has passed', SOON_MS, () => t.server.ended);
  t.server.socket.end();
  const record = await t.proxy.until((r) => r.state !== 'open');
  expect(record).toMatchObject({
    state: 'closed',
    bytesOut: 3 * once.length,
    bytesIn: 3 * answer(0).length,
  });
});

test.each([[10_000], [5 * MB]])(
  'a body of chunks of %d bytes passes as it is, and nothing of a blocked request behind it',
  async (size) => {
    const chunk = Buffer.concat([
      Buffer.from(`${size.toString(16)}\r\n`),
      counted(size),
      Buffer.from('\r\n'),
    ]);
    const head = Buffer.from('POST /up HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n');
    const request = Buffer.concat([
      head,
      ...Array(Math.ceil((20 * MB) / size)).fill(chunk),
      Buffer.from('0\r\n\r\n'),
    ]);
    const t = await talk(Buffer.concat([request, request]));
    await t.server.reaches(2 * request.length);
    expect(t.server.all.equals(Buffer.concat([request, request]))).toBe(true);
    t.client.socket.write(Buffer.concat([request, Buffer.from(BAD)]));
    await expectRefused(t, Buffer.concat([request, request, request]));
  },
);

test('both ways at once, with readers that stall: none lost, doubled or out of order', async () => {
  const body = counted(24 * MB);
  const t = await talk(post(body.length));
  await t.server.reaches(post(body.length).length);
  t.server.socket.pause();
  t.client.socket.pause();
  t.server.socket.write(answer(body.length));
  t.server.socket.write(body);
  t.client.socket.write(body);
  await until('both ways are carried', SOON_MS, () => offload.size === 2);
  t.client.socket.resume();
  await t.client.reaches(answer(body.length).length + body.length);
  t.server.socket.resume();
  await t.server.reaches(post(body.length).length + body.length);
  expect(t.server.all.subarray(post(body.length).length).equals(body)).toBe(true);
  expect(t.client.all.subarray(answer(body.length).length).equals(body)).toBe(true);
  t.client.socket.write(BAD);
  await expectRefused(t, Buffer.concat([Buffer.from(post(body.length)), body]));
});

test('a body that stays in JavaScript, whose server stalls, does not disturb the answer that is carried', async () => {
  const t = await downloaded(3 * MB);
  const chunk = Buffer.concat([Buffer.from('2710\r\n'), counted(10_000), Buffer.from('\r\n')]);
  const head = 'POST /up HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n';
  const request = Buffer.concat([Buffer.from(head), ...Array(2_400).fill(chunk), Buffer.from('0\r\n\r\n')]);
  const answered = t.client.length;
  t.server.socket.pause();
  t.client.socket.write(request);
  const [flow] = t.proxy.flows;
  await until('more has come than the server takes', SOON_MS, () => (flow?.record().bytesOut ?? 0) > MB);
  t.server.socket.write(counted(16 * MB));
  await t.client.reaches(answered + 16 * MB);
  expect(t.client.all.subarray(answered).equals(counted(16 * MB))).toBe(true);
  t.server.socket.resume();
  await t.server.reaches(get('big').length + request.length);
  expect(t.server.all.subarray(get('big').length).equals(request)).toBe(true);
});

test('what becomes a protocol of its own behind a carried answer is carried each way by itself, and its ends pass', async () => {
  const t = await downloaded(3 * MB);
  const answered = t.client.length;
  const said = Buffer.concat([Buffer.from(get('chat')), Buffer.from('good day\n'), counted(16 * MB)]);
  t.client.socket.write(said);
  t.server.socket.write(counted(16 * MB));
  await until('both ways are carried', SOON_MS, () => offload.size === 2);
  expect(offload.whole).toBe(0);
  await Promise.all([
    t.client.reaches(answered + 16 * MB),
    t.server.reaches(get('big').length + said.length),
  ]);
  expect(t.client.all.subarray(answered).equals(counted(16 * MB))).toBe(true);
  expect(t.server.all.subarray(get('big').length).equals(said)).toBe(true);
  t.client.socket.end();
  await until('the end has passed', SOON_MS, () => t.server.ended);
  t.server.socket.end();
  const record = await t.proxy.until((r) => r.state !== 'open');
  expect(record).toMatchObject({ state: 'closed', bytesOut: get('big').length + said.length });
});

test('a hello behind such a change of protocol is still read', async () => {
  const t = await downloaded(3 * MB);
  const said = `${get('chat')}good day\nSTARTTLS\n`;
  t.client.socket.write(said);
  await t.server.reaches(get('big').length + said.length);
  t.client.socket.write(hello({ extensions: [serverName('bad.example')] }));
  await expectRefused(t, get('big') + said);
});

test('a client that ends its side after its request gets the rest of the answer, and the end', async () => {
  const t = await talk(get('big'));
  await t.server.reaches(get('big').length);
  t.client.socket.pause();
  t.server.socket.write(counted(24 * MB));
  await until('the answer is carried', SOON_MS, () => offload.size === 1);
  t.client.socket.end();
  await until('the end has passed', SOON_MS, () => t.server.ended);
  t.server.socket.end();
  t.client.socket.resume();
  await until('the answer has ended', SOON_MS, () => t.client.ended);
  expect(t.client.all.equals(counted(24 * MB))).toBe(true);
  const record = await t.proxy.until((r) => r.state !== 'open');
  expect(record).toMatchObject({ state: 'closed', bytesIn: 24 * MB, bytesOut: get('big').length });
});

test('a server that ends after its answer: the client gets all of it, and the end', async () => {
  const t = await talk(get('big'));
  await t.server.reaches(get('big').length);
  t.server.socket.end(counted(24 * MB));
  await until('the answer has ended', SOON_MS, () => t.client.ended);
  expect(t.client.all.equals(counted(24 * MB))).toBe(true);
  t.client.socket.end();
  expect(await t.proxy.until((r) => r.state !== 'open')).toMatchObject({ state: 'closed', bytesIn: 24 * MB });
});

test('a client that ends in the middle of its body: what it said passes, and its end', async () => {
  const body = counted(24 * MB);
  const t = await talk(post(body.length + 1));
  t.client.socket.end(body);
  await until('the end has passed', SOON_MS, () => t.server.ended);
  expect(t.server.all.subarray(post(body.length + 1).length).equals(body)).toBe(true);
  t.server.socket.end(answer(0));
  await until('the answer has come', SOON_MS, () => t.client.ended);
  expect(String(t.client.all)).toBe(answer(0));
});

test.each([
  ['client', 'answer'],
  ['client', 'body'],
  ['server', 'answer'],
  ['server', 'body'],
] as const)('a reset by the %s in the middle of the %s reaches the other side', async (side, what) => {
  const t = await talk(what === 'body' ? post(64 * MB) : get('big'));
  const [sender, receiver] = what === 'body' ? [t.client, t.server] : [t.server, t.client];
  await t.server.reaches(1);
  sender.socket.write(counted(24 * MB));
  receiver.socket.pause();
  await until('it is carried', SOON_MS, () => offload.size === 1);
  const [breaks, other] = side === 'client' ? [t.client, t.server] : [t.server, t.client];
  breaks.socket.resetAndDestroy();
  other.socket.resume();
  await other.closes();
  expect([other.error === null ? 'ended' : 'reset', other.ended]).toEqual(['reset', false]);
  expect(await t.proxy.until((r) => r.state !== 'open')).toMatchObject({ state: `${side}_reset` });
});

test('a server that answers early and closes is heard before the connection ends', async () => {
  const t = await talk(post(64 * MB));
  await t.server.reaches(1);
  t.server.socket.pause();
  t.client.socket.write(counted(24 * MB));
  await until('the body is carried', SOON_MS, () => offload.size === 1);
  t.server.socket.write('HTTP/1.1 413 Too Large\r\n\r\n', () => t.server.socket.resetAndDestroy());
  await t.client.closes();
  expect(String(t.client.all)).toBe('HTTP/1.1 413 Too Large\r\n\r\n');
});

test('a rule made later ends what is carried in part, and no descriptor is left', async () => {
  const openFds = (): number =>
    readdirSync('/proc/self/task')
      .map((task) => readdirSync(`/proc/self/task/${task}/fd`).length)
      .reduce((sum, count) => sum + count, 0);
  const warm = await downloaded(3 * MB);
  warm.proxy.close();
  await until('it has ended', SOON_MS, () => offload.size === 0);
  for (const each of open.splice(0)) each.close();
  await Bun.sleep(100);
  const before = openFds();
  for (let i = 0; i < 3; i++) {
    const t = await downloaded(3 * MB);
    t.proxy.rule('block', 'a.example');
    for (const flow of t.proxy.flows) flow.decideAgain();
    await expectRefused(t, get('big'));
    for (const each of open.splice(0)) each.close();
  }
  await until('no descriptor is left', SOON_MS, () => openFds() <= before);
});

test('what is carried in part still holds its descriptors', async () => {
  const t = await downloaded(3 * MB);
  expect(new Pressure(99, offload).full(1, 3)).toBe(true);
  new Pressure(3, offload).relieve(new Map([...t.proxy.flows].map((flow) => [flow.id, flow])));
  expect([offload.size, offload.whole]).toEqual([1, 0]);
});

test('when the thread ends in the middle of an answer the client does not take it for whole', async () => {
  const mortal = await Offload.start(null);
  const t = await talk(get('big'), mortal);
  await t.server.reaches(1);
  t.client.socket.pause();
  t.server.socket.write(counted(24 * MB));
  await until('the answer is carried', SOON_MS, () => mortal.size === 1);
  (mortal as unknown as { worker: Worker }).worker.terminate();
  await until('that is noticed', SOON_MS, () => mortal.state === 'ended');
  t.client.socket.resume();
  await t.client.closes();
  expect([t.client.error, t.client.ended]).toEqual(['ECONNRESET', false]);
  expect([mortal.size, mortal.whole]).toEqual([0, 0]);
});

test('requests and answers of any size, one behind the other and in pieces, stay what they are', async () => {
  const t = await talk(get('start'));
  const said = [Buffer.from(get('start'))];
  const answered: Buffer[] = [];
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  const write = async (socket: Socket, bytes: Buffer): Promise<void> => {
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.subarray(at, at + 1 + random(1_500_000));
      at += piece.length;
      if (!socket.write(piece)) await once(socket, 'drain');
      if (random(3) === 0) await Bun.sleep(random(4));
    }
  };
  const requests = async (): Promise<void> => {
    for (let i = 0; i < 40; i++) {
      const body = counted(random(4) === 0 ? random(9 * MB) : random(2 * MB));
      const request = Buffer.concat([Buffer.from(post(body.length)), body, Buffer.from(get(`${i}`))]);
      said.push(request);
      await write(t.client.socket, request);
    }
  };
  const answers = async (): Promise<void> => {
    for (let i = 0; i < 40; i++) {
      const body = counted(random(3 * MB));
      answered.push(body);
      await write(t.server.socket, body);
      if (random(4) === 0) t.client.socket.pause();
      if (random(4) === 0) t.server.socket.pause();
      await Bun.sleep(random(20));
      t.client.socket.resume();
      t.server.socket.resume();
    }
  };
  await Promise.all([requests(), answers()]);
  const [out, back] = [Buffer.concat(said), Buffer.concat(answered)];
  await Promise.all([t.server.reaches(out.length), t.client.reaches(back.length)]);
  expect(t.server.all.equals(out)).toBe(true);
  expect(t.client.all.equals(back)).toBe(true);
  t.client.socket.write(BAD);
  await expectRefused(t, out);
});
