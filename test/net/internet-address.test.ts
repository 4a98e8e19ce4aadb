import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { isInternetAddress } from '../../src/net/internet-address.ts';

test.each([
  '8.8.8.8',
  '1.1.1.1',
  '2606:4700::1111',
  '64:ff9b::808:808',
  '2002:808:808::1',
  '::ffff:8.8.8.8',
  '::ffff:808:808',
])('%s is on the internet', (address) => {
  expect(isInternetAddress(address)).toBe(true);
});

test.each(['192.0.2.1', '198.51.100.255', '203.0.113.7', '2001:db8::7', '::ffff:203.0.113.7'])(
  '%s is nobody’s, and counts as the internet',
  (address) => {
    expect(isInternetAddress(address)).toBe(true);
  },
);

const V4 = [
  '127.0.0.1',
  '127.255.255.254',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254', // metadata of most clouds
  '100.64.0.1',
  '100.100.100.200', // metadata of Alibaba
  '168.63.129.16', // the host of an Azure machine
  '192.0.0.192', // metadata of Oracle
  '192.0.0.1',
  '198.18.0.1',
  '0.0.0.0',
  '0.1.2.3',
  '224.0.0.1',
  '255.255.255.255',
  '240.0.0.1',
];

test.each(V4)('%s is not, nor is it inside an IPv6 address', (address) => {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  const inverted = `${(~((a << 8) | b) & 0xffff).toString(16)}:${(~((c << 8) | d) & 0xffff).toString(16)}`;
  const clothes = [
    address,
    `::ffff:${address}`, // mapped
    `::ffff:${hex}`,
    `::${hex}`, // compatible (RFC 4291, 2.5.5.1)
    `::ffff:0:${hex}`, // translated (RFC 6145)
    `64:ff9b::${hex}`, // NAT64
    `64:ff9b::${address}`,
    `64:ff9b:1::${hex}`, // NAT64 of a network's own
    `2002:${hex}::1`, // 6to4
    `2001:0:${hex}::1`, // Teredo: server
    `2001:0:808:808:0:0:${inverted}`, // Teredo: client
  ];
  expect(clothes.filter(isInternetAddress)).toEqual([]);
});

test.each([
  '::1',
  '::',
  '::2',
  '1::1',
  '4000::1',
  'fe80::1',
  'fe80::1%eth0',
  '2606:4700::1111%eth0',
  'fec0::1',
  'fc00::1',
  'fd00:ec2::254', // metadata of Amazon
  'ff02::1',
  '100::1',
  '2001:2::1',
  '2001:10::1',
  '3fff::1',
  '5f00::1',
])('%s is not', (address) => {
  expect(isInternetAddress(address)).toBe(false);
});

test.each([
  'nonsense',
  '',
  '127.1',
  '8.8.2056',
  '0x7f000001',
  '0x08.8.8.8',
  '2130706433',
  '134744072',
  '0177.0.0.1',
  '010.8.8.8',
  ' 8.8.8.8',
  '8.8.8.8/32',
  '[2606:4700::1111]',
])('%p is no address in its usual notation', (text) => {
  expect(isInternetAddress(text)).toBe(false);
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.ipV4Extended(), fc.ipV6(), fc.webAuthority()), (text) => {
      expect(typeof isInternetAddress(text)).toBe('boolean');
    }),
    { numRuns: 2_000 },
  );
});
