import { expect, test } from 'bun:test';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import type { Ip } from '../../src/model/brand.ts';
import { ipWords, isPrivate, parseIp, parseIpRange, rangeTest, rangeText } from '../../src/model/ip.ts';

const v4 = fc
  .array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 })
  .map((octets) => octets.join('.') as Ip);
// Many zeros, so that `::` stands at every place.
const v6 = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
  .map((parts) => new ipaddr.IPv6(parts))
  .filter((address) => !address.isIPv4MappedAddress())
  .map((address) => address.toRFC5952String() as Ip);

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['0.0.0.0', '0.0.0.0'],
  ['2001:DB8:0:0:0:0:0:A', '2001:db8::a'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ['::', '::'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::FFFF:cb00:7107', '203.0.113.7'],
  ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
  ['::203.0.113.7', '::cb00:7107'],
  ['64:ff9b::203.0.113.7', '64:ff9b::cb00:7107'],
])('reads %s as %s', (text, ip) => {
  expect(parseIp(text)).toBe(ip as Ip);
});

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '01.2.3.4',
  '0x1.2.3.4',
  '16909060',
  '1.2.3.4 ',
  '1.2.3.4/32',
  '1.2.3.4:5',
  '[::1]',
  '::1%lo',
  ':::',
  '1::2::3',
  '12345::',
  '::g',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '::ffff:1.2.3',
  '::ffff:01.2.3.4',
  '1.2.3.4::',
  '::1.2.3.4:5',
  'example.com',
  '１.2.3.4',
  '0'.repeat(10_000),
  ':'.repeat(10_000),
])('does not take %p for an address', (text) => {
  expect(parseIp(text)).toBeNull();
});

test('a canonical address reads as itself', () => {
  fc.assert(fc.property(fc.oneof(v4, v6), (ip) => expect(parseIp(ip)).toBe(ip)));
});

test('the words of an address are its bytes', () => {
  const words = new Uint32Array(4).fill(0xffffffff);
  fc.assert(
    fc.property(fc.oneof(v4, v6), (ip) => {
      const bytes = Uint8Array.from(ipaddr.parse(ip).toByteArray());
      const view = new DataView(bytes.buffer);
      expect(ipWords(ip, words) * 4).toBe(bytes.length);
      for (let i = 0; i < bytes.length / 4; i++) expect(words[i]).toBe(view.getUint32(i * 4));
    }),
  );
});

test('an address lies in a range when the library says so', () => {
  const lengths = fc.integer({ min: 0, max: 128 });
  fc.assert(
    fc.property(fc.oneof(v4, v6), fc.oneof(v4, v6), lengths, (ip, other, length) => {
      // An address near the edge of the range as well as one anywhere.
      for (const asked of [ip, other]) {
        const prefix = Math.min(length, ip.includes(':') ? 128 : 32);
        const cidr = ipaddr.parseCIDR(`${ip}/${prefix}`);
        const address = ipaddr.parse(asked);
        const inside = address.kind() === cidr[0].kind() && address.match(cidr);
        expect(rangeTest({ first: ip, prefix })(asked)).toBe(inside);
      }
    }),
  );
});

test('takes a range whose bits past the prefix are zero, and no other', () => {
  fc.assert(
    fc.property(fc.oneof(v4, v6), fc.integer({ min: 0, max: 128 }), (ip, length) => {
      const prefix = Math.min(length, ip.includes(':') ? 128 : 32);
      const first = ip.includes(':')
        ? ipaddr.IPv6.networkAddressFromCIDR(`${ip}/${prefix}`)
        : ipaddr.IPv4.networkAddressFromCIDR(`${ip}/${prefix}`);
      const clean = parseIpRange(`${first}/${prefix}`);
      expect(clean).toEqual({ ok: true, range: { first: first.toString() as Ip, prefix } });
      const read = parseIpRange(`${ip}/${prefix}`);
      expect(read.ok).toBe(first.toString() === ip);
      if (!read.ok) expect(read.error).toContain(`write ${first}/${prefix} or ${ip}`);
    }),
  );
});

test('a range of one address is written without a length', () => {
  expect(rangeText({ first: '203.0.113.7' as Ip, prefix: 32 })).toBe('203.0.113.7');
  expect(rangeText({ first: '2001:db8::' as Ip, prefix: 32 })).toBe('2001:db8::/32');
  expect(rangeText({ first: '::1' as Ip, prefix: 128 })).toBe('::1');
});

test.each([
  ['10.255.255.255', true],
  ['11.0.0.0', false],
  ['100.64.0.0', true],
  ['100.128.0.0', false],
  ['127.255.255.255', true],
  ['169.254.169.254', true],
  ['172.15.255.255', false],
  ['172.16.0.0', true],
  ['172.32.0.0', false],
  ['192.168.255.255', true],
  ['203.0.113.1', false],
  ['198.51.100.1', false],
  ['223.255.255.255', false],
  ['224.0.0.1', true],
  ['255.255.255.255', true],
  ['0.0.0.0', true],
  ['::', true],
  ['::1', true],
  ['::2', false],
  ['fc00::1', true],
  ['fdff::1', true],
  ['fe80::1', true],
  ['fec0::1', true],
  ['ff02::1', true],
  ['2001:db8::1', false],
  ['64:ff9b::a9fe:a9fe', true],
  ['64:ff9b::a00:1', true],
  ['64:ff9b::cb00:7107', false],
])('%s is private: %p', (ip, is) => {
  expect(isPrivate(ip as Ip)).toBe(is);
});
