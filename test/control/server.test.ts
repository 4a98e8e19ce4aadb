import { afterEach, expect, test } from 'bun:test';
import { chmodSync, existsSync, lstatSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import type { Event } from '../../src/control/protocol.ts';
import { MESSAGE_MAX_BYTES } from '../../src/control/protocol.ts';
import { CONNECTIONS_MAX } from '../../src/control/server.ts';
import type { FlowRecord } from '../../src/model/flow.ts';
import { ended, sampleFlow } from '../ledger/sample-flow.ts';
import { until } from '../until.ts';
import { cleanUp, connect, idsOf, RawClient, serve, socketPath } from './harness.ts';
import { sampleStatus } from './sample-status.ts';

test('the socket is for its owner alone, in a folder for its owner alone', async () => {
  const path = socketPath();
  await serve(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
});

test('a request is answered with its id, in one line', async () => {
  const path = socketPath();
  await serve(path);
  const raw = await RawClient.open(path);
  raw.send('{"id":12,"method":"explain","host":"example.com"}\n');
  await until('the answer', SOON_MS, () => raw.lines.length === 1);
  expect(raw.replies()[0]).toMatchObject({
    id: 12,
    ok: true,
    result: { target: { host: 'example.com', port: 443 } },
  });
});

test('errors name their kind, and none of them ends the connection', async () => {
  const path = socketPath();
  await serve(path);
  const raw = await RawClient.open(path);
  raw.send('not json\n{"id":1,"method":"flows","limit":-1}\n{"id":2,"method":"explainFlow","flow":7}\n');
  raw.send('{"id":3,"method":"rules.remove","rule":"x"}\n\n{"id":4,"method":"status"}\n');
  await until('five answers', SOON_MS, () => raw.lines.length === 5);
  const byId = new Map(raw.replies().map((reply) => [reply.id, reply]));
  expect(byId.get(null).error).toMatchObject({
    code: 'bad_request',
    message: expect.stringContaining('not JSON'),
  });
  expect(byId.get(1).error).toMatchObject({ code: 'bad_request', message: expect.stringContaining('limit') });
  expect(byId.get(2).error).toEqual({ code: 'not_found', message: 'no flow 7' });
  expect(byId.get(3).error).toEqual({ code: 'failed', message: 'the disk is on fire' });
  expect(byId.get(4).ok).toBe(true);
});

test('a line that is too long ends the connection, with the reason', async () => {
  const path = socketPath();
  await serve(path);
  const raw = await RawClient.open(path);
  raw.send('x'.repeat(MESSAGE_MAX_BYTES + 1));
  await until('the connection is over', SOON_MS, () => raw.isOver);
  expect(raw.replies()[0].error.message).toContain('longer than');
});

test('a message as long as may be, in many pieces, is answered', async () => {
  const path = socketPath();
  let got = 0;
  await serve(path, {
    'rules.add': ({ rules }) => {
      got = rules.length;
      return { rules: [], saved: true, resetFlows: 0 };
    },
  });
  const client = await connect(path);
  const rules = Array.from({ length: 10_000 }, (_, n) => ({
    action: 'block' as const,
    host: `tracker-${n}.example`,
  }));
  await client.request('rules.add', { rules, origin: 'import' });
  expect(got).toBe(10_000);
});

test('a client that closes its half still gets its answers', async () => {
  const path = socketPath();
  const { promise, resolve } = Promise.withResolvers<void>();
  await serve(path, {
    status: async () => {
      await promise;
      return sampleStatus();
    },
  });
  const child = Bun.spawn(['/usr/bin/env', 'python3', '-c', HALF_CLOSE, path], { stdout: 'pipe' });
  const lines = createInterface({ input: Readable.fromWeb(child.stdout) })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe('closed its half');
  resolve();
  expect(JSON.parse((await lines.next()).value ?? '')).toMatchObject({ id: 1, ok: true });
});

const HALF_CLOSE = `
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b'{"id":1,"method":"status"}\\n')
s.shutdown(socket.SHUT_WR)
print('closed its half', flush=True)
print(s.makefile().read())
`;

const SOON_MS = 10_000;

afterEach(cleanUp);

test('more requests at once than may be are refused, and the others answered', async () => {
  const path = socketPath();
  const { promise, resolve } = Promise.withResolvers<void>();
  await serve(path, {
    probe: async () => {
      await promise;
      return { state: 'enforced', probedAt: 1, detail: null };
    },
  });
  const raw = await RawClient.open(path);
  for (let id = 1; id <= 70; id++) raw.send(`{"id":${id},"method":"probe"}\n`);
  await until('the refusals', SOON_MS, () => raw.lines.length === 6);
  expect(raw.replies().every(({ error }) => error.code === 'refused')).toBe(true);
  resolve();
  await until('all answers', SOON_MS, () => raw.lines.length === 70);
  expect(raw.replies().filter(({ ok }) => ok).length).toBe(64);
});

test('one client too many is told so and closed, and the others stay', async () => {
  const path = socketPath();
  await serve(path);
  const first = await connect(path);
  const others = await Promise.all(Array.from({ length: CONNECTIONS_MAX - 1 }, () => RawClient.open(path)));
  const last = await RawClient.open(path);
  await until('the refusal', SOON_MS, () => last.isOver);
  expect(last.replies()[0].error).toMatchObject({
    code: 'refused',
    message: expect.stringContaining('64 clients'),
  });
  expect((await first.request('status', {})).pid).toBe(4_242);
  others[0]?.end();
  await until('a place is free', SOON_MS, async () => {
    const next = await RawClient.open(path);
    next.send('{"id":1,"method":"status"}\n');
    await until('an answer', SOON_MS, () => next.lines.length > 0 || next.isOver);
    return next.replies()[0].ok;
  });
});

test('subscribers are told flows and status; a reply comes before the first event', async () => {
  const path = socketPath();
  const server = await serve(path);
  const raw = await RawClient.open(path);
  raw.send('{"id":1,"method":"subscribe","as":"screen"}\n');
  await until('the subscription', SOON_MS, () => server.screens() === 1);
  server.publish(sampleFlow(1));
  server.publish(ended(sampleFlow(1)));
  server.publish(sampleFlow(2));
  server.publishStatus(sampleStatus({ rules: 5 }));
  await until('the events', SOON_MS, () => raw.lines.length === 3);
  const [reply, flows, status] = raw.replies();
  expect(reply).toMatchObject({ id: 1, ok: true });
  expect(flows).toEqual({ event: 'flows', flows: [ended(sampleFlow(1)), sampleFlow(2)], missed: 0 });
  expect(status).toEqual({ event: 'status', status: sampleStatus({ rules: 5 }) });
});

test('what is published while a backlog is read comes after it', async () => {
  const path = socketPath();
  const { promise, resolve } = Promise.withResolvers<void>();
  const server = await serve(path, {
    subscribe: async ({ as, backlog }, connection) => {
      connection.subscribe(as, () => true);
      if (backlog > 0) await promise;
      return { flows: backlog > 0 ? [sampleFlow(1)] : [], status: sampleStatus() };
    },
  });
  const [raw, other] = [await RawClient.open(path), await RawClient.open(path)];
  other.send('{"id":1,"method":"subscribe","as":"log"}\n');
  raw.send('{"id":1,"method":"subscribe","as":"screen","backlog":1}\n');
  await until('both are subscribed', SOON_MS, () => other.lines.length === 1 && server.screens() === 1);
  server.publish(sampleFlow(2));
  await until('the other one is told', SOON_MS, () => other.lines.length === 2);
  expect(raw.lines).toEqual([]);
  resolve();
  await until('backlog and event', SOON_MS, () => raw.lines.length === 2);
  expect(idsOf(raw.replies()[0].result.flows)).toEqual([1]);
  expect(idsOf(raw.replies()[1].flows)).toEqual([2]);
});

test('screens are counted by who is subscribed as one, and no longer when they are gone', async () => {
  const path = socketPath();
  const gone: string[] = [];
  const server = await serve(path, {
    subscribe: ({ as }, connection) => {
      connection.subscribe(as, () => true);
      connection.onClose(() => gone.push(as));
      return { flows: [], status: sampleStatus() };
    },
  });
  const [screen, log] = [await connect(path), await connect(path)];
  await screen.request('subscribe', { as: 'screen' });
  await log.request('subscribe', { as: 'log' });
  expect(server.screens()).toBe(1);
  screen.close();
  await until('the screen is gone', SOON_MS, () => server.screens() === 0);
  expect(gone).toEqual(['screen']);
});

test('a reader that stops reading costs bounded memory, and is told what it missed', async () => {
  const path = socketPath();
  const server = await serve(path);
  const [slow, quick] = [await RawClient.open(path), await connect(path)];
  let quickCount = 0;
  quick.onEvent((event) => {
    if (event.event === 'flows') quickCount += event.flows.length;
  });
  await quick.request('subscribe', { as: 'log' });
  slow.send('{"id":1,"method":"subscribe","as":"log"}\n');
  await until('the subscription', SOON_MS, () => slow.lines.length === 1);
  slow.pause();
  const total = 30_000;
  for (let id = 1; id <= total; ) {
    const upTo = id + 2_500;
    while (id < upTo && id <= total) server.publish(sampleFlow(id++));
    await until('the quick reader has them', SOON_MS, () => quickCount >= id - 1);
  }
  slow.resume();
  server.publish(sampleFlow(total + 1));
  const told = () => slow.replies().slice(1) as Extract<Event, { event: 'flows' }>[];
  const last = () => told().at(-1)?.flows.at(-1)?.id;
  await until('the slow reader has the last one', SOON_MS, () => last() === total + 1);
  const missed = told().reduce((sum, event) => sum + event.missed, 0);
  const got = told().reduce((sum, event) => sum + event.flows.length, 0);
  expect(missed).toBeGreaterThan(10_000);
  expect(missed + got).toBe(total + 1);
  expect(quickCount).toBeGreaterThanOrEqual(total);
}, 30_000);

test('closing tells subscribers the rest, removes the socket and frees the path', async () => {
  const path = socketPath();
  const server = await serve(path);
  const raw = await RawClient.open(path);
  raw.send('{"id":1,"method":"subscribe","as":"log"}\n');
  await until('the subscription', SOON_MS, () => raw.lines.length === 1);
  for (let id = 1; id <= 1_000; id++) server.publish(sampleFlow(id));
  await server.close();
  await until('the connection is over', SOON_MS, () => raw.isOver);
  const events = raw.replies().slice(1);
  expect(events.pop()).toEqual({ event: 'stopping' });
  expect(events.flatMap(({ flows }) => idsOf(flows)).length).toBe(1_000);
  expect(existsSync(path)).toBe(false);
  await serve(path);
});

test('a second engine on the same path is refused, with the pid of the first', async () => {
  const path = socketPath();
  await serve(path);
  const said = await serve(path).catch((error: Error) => error.message);
  expect(said).toContain(`an engine already runs, pid ${process.pid}`);
});

test('what an engine left that was killed is replaced, though a child of it lives on', async () => {
  const path = socketPath();
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'serve-run.ts'), path], {
    stderr: 'inherit',
  });
  const [line] = (
    await child.stdout
      .getReader()
      .read()
      .then(({ value }) => Buffer.from(value ?? []).toString())
  ).split('\n');
  const grandchild = Number(line);
  expect(String(await serve(path).catch((error: Error) => error.message))).toContain(`pid ${child.pid}`);
  child.kill('SIGKILL');
  await child.exited;
  expect(lstatSync(path).isSocket()).toBe(true);
  expect(existsSync(`/proc/${grandchild}`)).toBe(true);
  await serve(path);
  expect((await (await connect(path)).request('status', {})).pid).toBe(4_242);
  process.kill(grandchild, 'SIGKILL');
});

test('a file that is not a socket, and a path that is too long, are refused in words', async () => {
  const path = socketPath();
  mkdirSync(dirname(path), { mode: 0o700 });
  writeFileSync(path, 'precious');
  expect(String(await serve(path).catch((error: Error) => error.message))).toContain('is not a socket');
  const long = join(dirname(path), 'x'.repeat(120));
  expect(String(await serve(long).catch((error: Error) => error.message))).toContain('too long');
});

test('another program that listens on the path is left alone', async () => {
  const path = socketPath();
  mkdirSync(dirname(path), { mode: 0o700 });
  const other = Bun.listen({ unix: path, socket: { data() {} } });
  expect(String(await serve(path).catch((error: Error) => error.message))).toContain(
    'another program answers',
  );
  other.stop(true);
});

const isRoot = process.platform === 'linux' && process.geteuid?.() === 0;

/** What a client of another user gets to see. */
function asNobody(path: string): Promise<ReturnType<typeof JSON.parse>> {
  const script = join(import.meta.dir, 'ask-run.ts');
  const nobody = ['/usr/bin/setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
  const command = [...nobody, process.execPath, script, path];
  const child = Bun.spawn(command, { env: { HOME: '/nonexistent' }, stderr: 'inherit' });
  return new Response(child.stdout).json();
}

test.skipIf(!isRoot)(
  'another user is kept out by the folder, and by the socket when the folder is open',
  async () => {
    const path = socketPath();
    let asked = 0;
    await serve(path, {
      status: () => {
        asked++;
        return sampleStatus();
      },
    });
    expect(await asNobody(path)).toMatchObject({
      trouble: 'not_permitted',
      remedy: 'run the command with sudo',
    });
    for (const folder of [dirname(dirname(path)), dirname(path)]) chmodSync(folder, 0o755);
    expect(await asNobody(path)).toMatchObject({ trouble: 'not_permitted' });
    chmodSync(path, 0o666);
    expect(await asNobody(path)).toMatchObject({ trouble: 'not_permitted' });
    expect(asked).toBe(0);
  },
);

test('nothing that a client sends stops the server', async () => {
  const path = socketPath();
  await serve(path);
  const watcher = await connect(path);
  const valid = fc.constantFrom(
    '{"id":1,"method":"status"}\n',
    '{"id":2,"method":"subscribe","as":"screen","backlog":5000}\n',
    '{"id":3,"method":"rules.add","origin":"import","rules":[{"action":"block","host":"a.example"}]}\n',
    '{"id":4,"method":"rules.undo"}\n',
  );
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    valid.map((line) => Buffer.from(line)),
    fc.tuple(valid, fc.nat(80)).map(([line, at]) => Buffer.from(line.slice(0, at))),
    fc.json().map((line) => Buffer.from(`${line}\n`)),
    fc
      .record({ id: fc.anything(), method: fc.anything(), limit: fc.anything(), __proto__: fc.anything() })
      .map((message) => Buffer.from(`${JSON.stringify(message)}\n`)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
      const raw = await RawClient.open(path);
      for (const bytes of pieces) raw.send(bytes);
      raw.end();
      expect((await watcher.request('status', {})).pid).toBe(4_242);
      await until('the client is closed', SOON_MS, () => raw.isOver);
      for (const reply of raw.replies()) expect('ok' in reply || 'event' in reply).toBe(true);
    }),
    { numRuns: 300 },
  );
}, 30_000);

test('flows come over the socket as they were published', async () => {
  const path = socketPath();
  const flows: FlowRecord[] = [sampleFlow(1), ended(sampleFlow(2))];
  await serve(path, { flows: () => ({ flows, more: true }) });
  const { flows: read, more }: { flows: readonly FlowRecord[]; more: boolean } = await (
    await connect(path)
  ).request('flows', {});
  expect(read).toEqual(flows);
  expect(more).toBe(true);
});
