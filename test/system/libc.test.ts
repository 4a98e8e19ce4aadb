import { describe, expect, test } from 'bun:test';
import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ip } from '../../src/model/brand.ts';
import { raiseOpenFiles } from '../../src/system/descriptors.ts';
import { errnoName, openLibc, openLinuxLibc } from '../../src/system/libc.ts';
import { listenSocket } from '../../src/system/listen-socket.ts';
import { nativeMemory, writeCString } from '../../src/system/native-memory.ts';
import { peerCred } from '../../src/system/peer-cred.ts';

const LOOPBACK4 = '127.0.0.1' as Ip;
const LOOPBACK6 = '::1' as Ip;

describe.if(process.platform === 'linux')('libc on Linux', () => {
  const libc = openLinuxLibc();

  test('tells the error of the last failed call by name', () => {
    expect(libc.c.close(999_999)).toBe(-1);
    expect(errnoName(libc.errno())).toBe('EBADF');
    expect(errnoName(115)).toBe('EINPROGRESS');
    expect(errnoName(-7)).toBe('-7');
    expect(errnoName(9_999)).toBe('9999');
  });

  test('a native buffer keeps its address and its bytes while the JIT optimises around it', () => {
    const link = nativeMemory(64);
    const path = nativeMemory(64);
    expect(writeCString(path, '/proc/self/fd/0')).toBe(true);
    const first = libc.c.readlinkat(-100, path.address, link.address, 64);
    const text = new TextDecoder().decode(link.bytes.subarray(0, first));
    for (let i = 0; i < 20_000; i++) {
      link.bytes.fill(0, 0, 64);
      const size = libc.c.readlinkat(-100, path.address, link.address, 64);
      if (size !== first || link.bytes[0] !== text.charCodeAt(0)) throw new Error(`moved at round ${i}`);
    }
    expect(new TextDecoder().decode(link.bytes.subarray(0, first))).toBe(text);
  });

  test('a text that does not fit or holds a zero is not written as a C string', () => {
    const memory = nativeMemory(1);
    expect(writeCString(memory, 'x'.repeat(memory.bytes.length))).toBe(false);
    expect(writeCString(memory, 'a\0b')).toBe(false);
    expect(memory.bytes[0]).toBe(0);
  });

  test('both families listen on one port, and Bun adopts the sockets', async () => {
    const four = listenSocket(libc, LOOPBACK4, 0);
    if (!four.ok) throw new Error(four.errno);
    const six = listenSocket(libc, LOOPBACK6, four.local.port);
    if (!six.ok) throw new Error(six.errno);
    expect([four.local.ip, six.local.ip]).toEqual([LOOPBACK4, LOOPBACK6]);
    const seen: string[] = [];
    const socket = { open: (s: { write(text: string): number; end(): void }) => s.end(), data: () => {} };
    // Bun's types leave `fd` out of the listen options.
    const servers = [four, six].map((s) => Bun.listen({ fd: s.fd, socket } as never));
    for (const hostname of [LOOPBACK4, LOOPBACK6]) {
      const { promise, resolve } = Promise.withResolvers<void>();
      await Bun.connect({
        hostname,
        port: four.local.port,
        socket: { open: () => void seen.push(hostname), data: () => {}, close: () => resolve() },
      });
      await promise;
    }
    expect(seen).toEqual([LOOPBACK4, LOOPBACK6]);
    for (const server of servers) server.stop(true);
  });

  test('a port in use is an answer, and no descriptor is left behind', () => {
    const taken = listenSocket(libc, LOOPBACK4, 0);
    if (!taken.ok) throw new Error(taken.errno);
    const before = readdirSync('/proc/self/fd').length;
    expect(listenSocket(libc, LOOPBACK4, taken.local.port)).toEqual({ ok: false, errno: 'EADDRINUSE' });
    expect(listenSocket(libc, '203.0.113.77' as Ip, 0)).toEqual({ ok: false, errno: 'EADDRNOTAVAIL' });
    expect(readdirSync('/proc/self/fd').length).toBe(before);
    libc.c.close(taken.fd);
  });

  test('the other end of a unix socket is known by pid, uid and gid', async () => {
    const path = join(tmpdir(), `ran-cred-${process.pid}.sock`);
    const { promise, resolve } = Promise.withResolvers<ReturnType<typeof peerCred>>();
    const server = Bun.listen<undefined>({
      unix: path,
      socket: { open: (s) => resolve(peerCred(libc, fdOf(s))), data: () => {} },
    });
    const client = await Bun.connect({ unix: path, socket: { data: () => {} } });
    const cred = await promise;
    client.end();
    server.stop(true);
    rmSync(path, { force: true });
    expect(cred).toEqual({
      pid: process.pid as never,
      uid: (process.geteuid?.() ?? -1) as never,
      gid: process.getegid?.() ?? -1,
    });
    expect(peerCred(libc, 999_999)).toBeNull();
  });

  test('the limit of open files is never lowered', () => {
    const now = raiseOpenFiles(openLibc(), 64);
    expect(now).toBeGreaterThan(64);
    expect(raiseOpenFiles(libc, 0)).toBe(now);
  });
});

function fdOf(socket: object): number {
  const fd = (socket as { fd?: unknown }).fd;
  if (typeof fd !== 'number') throw new Error('this Bun gives no descriptor');
  return fd;
}
