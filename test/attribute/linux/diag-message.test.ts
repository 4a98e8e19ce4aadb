import { describe, expect, test } from 'bun:test';
import {
  DIAG_REQUEST_BYTES,
  readDiagReply,
  writeDiagRequest,
} from '../../../src/attribute/linux/diag-message.ts';
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
