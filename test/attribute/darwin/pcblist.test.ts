import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { findPcbs, pcbRecordSizes } from '../../../src/attribute/darwin/pcblist.ts';
import { at, buildPcblist, type FakeSocket, type Layout } from './bytes.ts';

const CURL: FakeSocket = {
  local: at('192.168.1.5', 50_123),
  remote: at('203.0.113.7', 443),
  uid: 501,
  lastPid: 901,
  effectivePid: 0,
  tcpState: 4,
};
const SAFARI: FakeSocket = {
  local: at('2001:db8::5', 50_124),
  remote: at('2001:db8:1::7', 443),
  uid: 502,
  lastPid: 700,
  effectivePid: 650,
  tcpState: 2,
};
const SERVER: FakeSocket = {
  local: at('0.0.0.0', 22),
  remote: at('0.0.0.0', 0),
  uid: 0,
  lastPid: 1,
  tcpState: 1,
};
const LINK_LOCAL: FakeSocket = { local: at('fe80::aa', 50_123), remote: at('fe80::1', 17_443), lastPid: 55 };
const SOCKETS = [SERVER, CURL, SAFARI, LINK_LOCAL];

const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/darwin/${name}.bin`, import.meta.url)));

test.each([
  ['pcblist-macos13', 'modern', 24 * 2 + 616 * 4],
  ['pcblist-macos12', 'before13', 24 * 2 + 592 * 4],
] as [string, Layout, number][])('the stored %s is what the offset table gives', (name, layout, bytes) => {
  expect(Buffer.compare(fixture(name), buildPcblist(SOCKETS, layout))).toBe(0);
  expect(fixture(name).length).toBe(bytes);
});

test.each(['pcblist-macos13', 'pcblist-macos12'])('finds the socket of an IPv4 connection in %s', (name) => {
  const { rows, sockets, sound } = findPcbs(fixture(name), CURL.local, CURL.remote);
  expect({ sockets, sound }).toEqual({ sockets: 4, sound: true });
  expect(rows).toEqual([
    {
      local: CURL.local,
      remote: CURL.remote,
      uid: 501,
      lastPid: 901,
      effectivePid: null,
      tcpState: 4,
    } as never,
  ]);
});

test.each(['pcblist-macos13', 'pcblist-macos12'])('finds the socket of an IPv6 connection in %s', (name) => {
  expect(findPcbs(fixture(name), SAFARI.local, null).rows).toEqual([
    {
      local: SAFARI.local,
      remote: SAFARI.remote,
      uid: 502,
      lastPid: 700,
      effectivePid: 650,
      tcpState: 2,
    } as never,
  ]);
});

test('reads a link-local address without the number of its interface', () => {
  expect(findPcbs(fixture('pcblist-macos13'), LINK_LOCAL.local, LINK_LOCAL.remote).rows).toEqual([
    {
      local: LINK_LOCAL.local,
      remote: LINK_LOCAL.remote,
      uid: 501,
      lastPid: 55,
      effectivePid: null,
      tcpState: 4,
    } as never,
  ]);
});

test.each([
  ['another port', at('192.168.1.5', 50_125), CURL.remote],
  ['another address', at('192.168.1.6', 50_123), CURL.remote],
  ['another remote port', CURL.local, at('203.0.113.7', 80)],
  ['another remote address', CURL.local, at('203.0.113.8', 443)],
  ['the same port in the other family', at('2001:db8::5', 50_123), null],
])('does not take a socket with %s', (_what, local, remote) => {
  expect(findPcbs(fixture('pcblist-macos13'), local, remote).rows).toEqual([]);
});

test('returns every connection of a port that a program shares', () => {
  const shared = [CURL, { ...CURL, remote: at('198.51.100.9', 443), lastPid: 902 }];
  const rows = findPcbs(buildPcblist(shared), CURL.local, null).rows;
  expect(rows.map((row) => [row.remote.ip, row.lastPid])).toEqual([
    ['203.0.113.7', 901],
    ['198.51.100.9', 902],
  ] as never);
});

test('stops decoding at 64 matches, and still counts', () => {
  const many = Array.from({ length: 100 }, (_, i) => ({ ...CURL, remote: at('203.0.113.7', i + 1) }));
  const walk = findPcbs(buildPcblist(many), CURL.local, null);
  expect([walk.rows.length, walk.sockets]).toEqual([64, 100]);
});

// The closing record's second word is the number of sockets, and those numbers are kinds of records too.
test.each([1, 2, 4, 8, 16, 32])('is not misled by a list of %d sockets', (count) => {
  const list = buildPcblist(
    Array.from({ length: count }, (_, i) => ({ ...CURL, local: at('10.0.0.1', i + 1) })),
  );
  const walk = findPcbs(list, at('10.0.0.1', count), null);
  expect(walk).toMatchObject({ sockets: count, sound: true, rows: [{ local: { port: count } }] });
});

test('reads an empty list', () => {
  expect(findPcbs(buildPcblist([]), CURL.local, null)).toEqual({ rows: [], sockets: 0, sound: true });
});

test('tells the size of every kind of record', () => {
  expect(
    [...pcbRecordSizes(fixture('pcblist-macos13'))].map(([kind, { bytes, count }]) => [kind, bytes, count]),
  ).toEqual([
    [0x10, 104, 4],
    [0x1, 104, 4],
    [0x2, 32, 4],
    [0x4, 32, 4],
    [0x8, 136, 4],
    [0x20, 208, 4],
  ]);
});

test('a cut list is never sound, never throws and gives no wrong socket', () => {
  const list = fixture('pcblist-macos13');
  for (let end = 0; end < list.length; end++) {
    const walk = findPcbs(list.subarray(0, end), CURL.local, CURL.remote);
    expect(walk.sound).toBe(false);
    for (const row of walk.rows)
      expect([row.remote.ip, row.uid === 501 || row.uid === null]).toEqual([CURL.remote.ip, true]);
  }
});

test('a record without pids gives a socket without pids', () => {
  const list = buildPcblist([{ ...CURL, lastPid: 0, effectivePid: -1 }]);
  expect(findPcbs(list, CURL.local, null).rows[0]).toMatchObject({ lastPid: null, effectivePid: null });
});

test('never throws on random bytes, nor on a list with bytes changed', () => {
  const good = fixture('pcblist-macos13');
  const flips = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 12 });
  fc.assert(
    fc.property(flips, (changes) => {
      const list = good.slice();
      for (const [offset, value] of changes) list[offset] = value;
      findPcbs(list, CURL.local, null);
      pcbRecordSizes(list);
    }),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), (noise) => {
      findPcbs(noise, SAFARI.local, SAFARI.remote);
      pcbRecordSizes(noise);
    }),
  );
});
