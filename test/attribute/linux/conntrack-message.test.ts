import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  CONNTRACK_REQUEST_BYTES,
  readConntrackReply,
  writeConntrackRequest,
} from '../../../src/attribute/linux/conntrack-message.ts';
import { readDiagReply } from '../../../src/attribute/linux/diag-message.ts';
import type { Ip } from '../../../src/model/brand.ts';
import type { Endpoint } from '../../../src/model/endpoint.ts';
import recorded from '../../fixtures/linux/sockets.json' with { type: 'json' };

const end = ([ip, port]: readonly (string | number)[]): Endpoint => ({ ip: ip as Ip, port: Number(port) });
const view = (hex: string): DataView => new DataView(Uint8Array.from(Buffer.from(hex, 'hex')).buffer);
const hexOf = (v: DataView, size: number): string => Buffer.from(v.buffer, 0, size).toString('hex');

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
