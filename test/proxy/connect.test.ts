import { expect, test } from 'bun:test';
import type { Ip } from '../../src/model/brand.ts';
import { type BoundStarter, connectByAddress } from '../../src/proxy/connect.ts';
import { ConnectSocket } from '../../src/system/connect-socket.ts';
import { openLinuxLibc } from '../../src/system/libc.ts';
import { client, echo, GET, proxy, readAll, server } from './real-sockets.ts';

/** One request through a proxy whose upstream connections are made by `start`; what came back. */
async function through(start: BoundStarter['start']): Promise<string> {
  const p = proxy(await server(echo));
  p.names.set('a.example', ['127.0.0.1']);
  p.context.connect = connectByAddress({ next: () => 0 }, { start });
  const socket = await client(p.port);
  socket.end(GET('a.example'));
  return (await readAll(socket)).toString();
}

test('carries a connection on the socket that was made for it, from the address of the program', async () => {
  const made = new ConnectSocket(openLinuxLibc(), Math.random());
  const asked: Ip[] = [];
  const got = await through((ip, port, from) => {
    asked.push(from);
    return made.start(ip, port);
  });
  expect(got).toBe(GET('a.example'));
  expect(asked).toEqual(['127.0.0.1' as Ip]);
});

test('leaves a connection to the route where nothing was bound, or no port was free', async () => {
  expect(await through(() => null)).toBe(GET('a.example'));
  expect(await through(() => 'EADDRINUSE')).toBe(GET('a.example'));
});

test('does not make a connection another way when its interface fails', async () => {
  const p = proxy(await server(echo));
  p.names.set('a.example', ['127.0.0.1']);
  p.context.connect = connectByAddress({ next: () => 0 }, { start: () => 'ENXIO' });
  const socket = await client(p.port);
  socket.on('error', () => undefined);
  socket.end(GET('a.example'));
  expect(await p.until((record) => record.state === 'connect_failed')).toMatchObject({ detail: 'ENXIO' });
});
