import { expect, test } from 'bun:test';
import { UPSTREAM_PORT_FIRST, UPSTREAM_PORT_LAST } from '../../pf/anchor-name.ts';
import { openDarwinNative } from '../../pf/ffi.ts';
import { writeDarwinSockaddr } from '../../pf/sockaddr.ts';
import { UpstreamPorts } from '../../pf/upstream-ports.ts';
import { userName } from '../../pf/user-name.ts';
import type { Uid } from '../../src/model/brand.ts';
import { runProgram } from '../../src/system/run-program.ts';
import { at } from '../attribute/darwin/bytes.ts';

test.skipIf(process.platform === 'darwin')('says that the calls of macOS cannot be made elsewhere', () => {
  expect(() => openDarwinNative()).toThrow('the calls of macOS cannot be made on linux');
});

test('hands out every source port of the range, and begins again', () => {
  const ports = new UpstreamPorts(0.99995);
  const first = ports.next();
  expect([first, ports.next()]).toEqual([UPSTREAM_PORT_LAST, UPSTREAM_PORT_FIRST]);
  const all = new Set(Array.from({ length: 10_000 }, () => ports.next()));
  expect([all.size, Math.min(...all), Math.max(...all)]).toEqual([
    10_000,
    UPSTREAM_PORT_FIRST,
    UPSTREAM_PORT_LAST,
  ]);
});

test('writes an address the way macOS reads one', () => {
  const view = new DataView(new ArrayBuffer(28));
  expect(writeDarwinSockaddr(view, at('127.0.0.1', 17_443), 0)).toBe(16);
  expect([...new Uint8Array(view.buffer, 0, 16)]).toEqual([
    16, 2, 0x44, 0x23, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
  ]);
  expect(writeDarwinSockaddr(view, at('fe80::1', 17_443), 1)).toBe(28);
  expect([...new Uint8Array(view.buffer)]).toEqual([
    28, 30, 0x44, 0x23, 0, 0, 0, 0, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0,
  ]);
});

test('asks the system for the name of a user', async () => {
  expect(await userName(runProgram, 0 as Uid)).toBe('root');
  expect(await userName(runProgram, 3_999_999_999 as Uid)).toBeNull();
});

test.each([
  [0, ''],
  [0, '501\n'],
  [0, 'two words\n'],
  [1, 'alice\n'],
])('takes no name from an answer of code %d and %p', async (code, stdout) => {
  expect(await userName(async () => ({ code, timedOut: false, stdout, stderr: '' }), 501 as Uid)).toBeNull();
});
