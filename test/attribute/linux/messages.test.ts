import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  CONNTRACK_REQUEST_BYTES,
  readConntrackReply,
  writeConntrackRequest,
} from '../../../src/attribute/linux/conntrack-message.ts';
import {
  DIAG_REQUEST_BYTES,
  readDiagReply,
  writeDiagRequest,
} from '../../../src/attribute/linux/diag-message.ts';
import { findTcpRow } from '../../../src/attribute/linux/tcp-table.ts';
import type { Ip } from '../../../src/model/brand.ts';
import type { Endpoint } from '../../../src/model/endpoint.ts';
import recorded from '../../fixtures/linux/sockets.json' with { type: 'json' };

const end = ([ip, port]: readonly (string | number)[]): Endpoint => ({ ip: ip as Ip, port: Number(port) });
const view = (hex: string): DataView => new DataView(Uint8Array.from(Buffer.from(hex, 'hex')).buffer);
const hexOf = (v: DataView, size: number): string => Buffer.from(v.buffer, 0, size).toString('hex');

describe('sock_diag', () => {
  const { v4, v6, mapped, none } = recorded.diag;

  for (const [name, sample] of Object.entries({ v4, v6, mapped })) {
    test(`asks for one socket and reads its inode and user: ${name}`, () => {
      const request = new DataView(new ArrayBuffer(DIAG_REQUEST_BYTES));
      writeDiagRequest(request, sample.seq, end(sample.local), end(sample.remote));
      expect(hexOf(request, DIAG_REQUEST_BYTES)).toBe(sample.request);
      const reply = view(sample.reply);
      expect(readDiagReply(reply, reply.byteLength, sample.seq)).toEqual({
        kind: 'socket',
        inode: sample.inode,
        uid: 1_000,
      });
    });
  }

  test('a socket that is not there is an error by number', () => {
    const reply = view(none.reply);
    expect(readDiagReply(reply, reply.byteLength, none.seq)).toEqual({ kind: 'error', errno: 2 });
  });

  test('the answer to another question is stale', () => {
    const reply = view(v4.reply);
    expect(readDiagReply(reply, reply.byteLength, v4.seq + 1)).toEqual({ kind: 'stale' });
  });

  test('what is left of a connection, and a listener, have no user', () => {
    // State LISTEN, state SYN_RECV, timer of TIME_WAIT.
    for (const [at, value] of [
      [17, 10],
      [17, 3],
      [18, 3],
    ] as const) {
      const reply = view(v4.reply);
      reply.setUint8(at, value);
      expect(readDiagReply(reply, reply.byteLength, v4.seq)).toEqual({ kind: 'remains' });
    }
  });

  test('every prefix of a reply is malformed or the whole answer', () => {
    const reply = view(v4.reply);
    for (let size = 0; size < reply.byteLength; size++)
      expect(readDiagReply(reply, size, v4.seq)).toEqual({ kind: 'malformed' });
  });
});

describe('conntrack', () => {
  const { v4, v6, none } = recorded.conntrack;

  for (const [name, sample] of Object.entries({ v4, v6 })) {
    test(`asks by the answers' direction and reads where the connection came from: ${name}`, () => {
      const request = new DataView(new ArrayBuffer(CONNTRACK_REQUEST_BYTES));
      const size = writeConntrackRequest(request, sample.seq, end(sample.from), end(sample.to));
      expect(hexOf(request, size)).toBe(sample.request);
      const reply = view(sample.reply);
      expect(readConntrackReply(reply, reply.byteLength, sample.seq)).toEqual({
        kind: 'source',
        source: end(sample.source),
      });
    });

    test(`no prefix and no changed byte of a reply makes it throw: ${name}`, () => {
      const whole = view(sample.reply);
      for (let size = 0; size < whole.byteLength; size++)
        expect(readConntrackReply(whole, size, sample.seq).kind).toBe('malformed');
      fc.assert(
        fc.property(fc.nat(whole.byteLength - 1), fc.nat(255), fc.nat(300), (at, byte, size) => {
          const reply = view(sample.reply);
          reply.setUint8(at, byte);
          readConntrackReply(reply, Math.min(size, reply.byteLength), sample.seq);
          readDiagReply(reply, Math.min(size, reply.byteLength), sample.seq);
        }),
      );
    });
  }

  test('a connection that is not there is an error by number', () => {
    const reply = view(none.reply);
    expect(readConntrackReply(reply, reply.byteLength, none.seq)).toEqual({ kind: 'error', errno: 2 });
  });
});

describe('the text tables', () => {
  const tcp = Buffer.from(recorded.tcp);
  const tcp6 = Buffer.from(recorded.tcp6);
  const uid = 1_000 as never;

  test('have the socket by both its ends', () => {
    expect(findTcpRow(tcp, end(['192.0.2.2', 50_001]), end(['203.0.113.2', 443]), false)).toEqual({
      uid,
      inode: 687_066,
    });
    expect(findTcpRow(tcp6, end(['2001:db8:1::2', 50_001]), end(['2001:db8:5::1', 443]), true)).toEqual({
      uid,
      inode: 687_067,
    });
  });

  test('have an IPv4-mapped socket in the IPv6 table', () => {
    const [local, remote] = [end(['192.0.2.2', 40_866]), end(['203.0.113.3', 443])];
    expect(findTcpRow(tcp, local, remote, false)).toBeNull();
    expect(findTcpRow(tcp6, local, remote, true)).toEqual({ uid, inode: 687_074 });
  });

  test('have no user for what is left of a closed connection', () => {
    expect(findTcpRow(tcp, end(['192.0.2.2', 50_001]), end(['203.0.113.1', 443]), false)).toBeNull();
  });

  test('a table that is cut anywhere gives the row or null', () => {
    for (let size = 0; size < tcp.length; size++) {
      const row = findTcpRow(
        tcp.subarray(0, size),
        end(['192.0.2.2', 50_001]),
        end(['203.0.113.2', 443]),
        false,
      );
      if (row !== null) expect(row.uid).toBe(uid);
    }
  });
});
