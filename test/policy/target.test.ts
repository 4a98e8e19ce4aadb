import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseTarget } from '../../src/policy/target.ts';

test.each([
  ['example.com', 'example.com', null],
  ['Example.com:443', 'example.com', 443],
  ['=example.com:80', '=example.com', 80],
  ['*.example.com:8080', '*.example.com', 8080],
  ['*:25', '*', 25],
  ['203.0.113.7:443', '203.0.113.7', 443],
  ['203.0.113.0/24', '203.0.113.0/24', null],
  ['203.0.113.0/24:443', '203.0.113.0/24', 443],
  ['2001:db8::1', '2001:db8::1', null],
  ['2001:db8::1:443', '2001:db8::1:443', null],
  ['[2001:db8::1]', '2001:db8::1', null],
  ['[2001:DB8::1]:443', '2001:db8::1', 443],
  ['[2001:db8::/32]:443', '2001:db8::/32', 443],
])('reads %s', (text, host, port) => {
  expect(parseTarget(text)).toMatchObject({ ok: true, host, port });
});

test.each([
  ['https://example.com/x', 'write example.com'],
  ['https://example.com:8443/x', 'write example.com:8443'],
  ['https://[2001:db8::1]:8443/x', 'write [2001:db8::1]:8443'],
  ['://', 'write the host alone'],
  ['file:///etc/passwd', 'write the host alone'],
  ['example.com/x', 'write example.com'],
  ['example.com:0', 'a number from 1 to 65535'],
  ['example.com:65536', 'a number from 1 to 65535'],
  ['example.com:https', 'a number from 1 to 65535'],
  ['example.com:', 'a number from 1 to 65535'],
  ['example.com:0443', 'a number from 1 to 65535'],
  ['example.com:4 43', 'a number from 1 to 65535'],
  ['[example.com]:443', 'expected an address in the brackets'],
  ['[2001:db8::1]443', 'expected an address in the brackets'],
  ['[2001:db8::1', 'expected an address in the brackets'],
  ['[]:443', 'expected an address in the brackets'],
  ['[[::1]]:443', 'expected an address in the brackets'],
  ['[::g]:443', 'not an IP address'],
  [':443', 'expected a host name'],
  ['', 'expected a host name'],
  ['com:443', 'write *.com if'],
  ['x'.repeat(2_000), 'too long'],
])('refuses %p and says what to write', (text, remedy) => {
  const read = parseTarget(text);
  expect(read.ok ? '' : read.error).toContain(remedy);
});

test('never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'[]:/.*=%a1é\u0000 '), maxLength: 30 }), (text) => {
      expect(parseTarget(text).ok).toBeBoolean();
    }),
    { numRuns: 5_000 },
  );
});
