import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseIp } from '../../src/model/ip.ts';
import { readSockaddr, SOCKADDR_MAX_BYTES, writeSockaddr } from '../../src/system/sockaddr.ts';

const view = () => new DataView(new ArrayBuffer(SOCKADDR_MAX_BYTES));
const ip = (text: string) => parseIp(text) ?? expect.unreachable(text);

describe('sockaddr of Linux', () => {
  test('writes what bind(2) and connect(2) expect, family in host order and port in network order', () => {
    const v = view();
    expect(writeSockaddr(v, { ip: ip('203.0.113.7'), port: 443 })).toBe(16);
    expect(Buffer.from(v.buffer).toString('hex')).toBe(`020001bbcb007107${'00'.repeat(20)}`);
    expect(writeSockaddr(v, { ip: ip('2001:db8::1'), port: 17_443 })).toBe(28);
    expect(Buffer.from(v.buffer).toString('hex')).toBe(
      '0a00442300000000' + '20010db8000000000000000000000001' + '00000000',
    );
  });

  test('reads back every address and port it writes', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6()).map((text) => parseIp(text));
    fc.assert(
      fc.property(address, fc.integer({ min: 0, max: 65_535 }), (a, port) => {
        if (a === null) return;
        const v = view();
        const size = writeSockaddr(v, { ip: a, port });
        expect(readSockaddr(v, size)).toEqual({ ip: a, port });
      }),
    );
  });

  test('reads an IPv4-mapped address as IPv4', () => {
    const v = new DataView(
      new Uint8Array(Buffer.from(`0a0001bb00000000${'00'.repeat(10)}ffffcb00710700000000`, 'hex')).buffer,
    );
    expect(readSockaddr(v, 28)).toEqual({ ip: ip('203.0.113.7'), port: 443 });
  });

  test('another family and too few bytes are null', () => {
    const v = view();
    writeSockaddr(v, { ip: ip('::1'), port: 1 });
    for (let size = 0; size < 28; size++) expect(readSockaddr(v, size)).toBeNull();
    v.setUint16(0, 1, true);
    expect(readSockaddr(v, 28)).toBeNull();
    expect(readSockaddr(new DataView(new ArrayBuffer(4)), 28)).toBeNull();
  });
});
