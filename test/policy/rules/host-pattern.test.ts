import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { parsePattern, patternText } from '../../../src/policy/rules/host-pattern.ts';

const written = (text: string): string => {
  const read = parsePattern(text);
  return read.ok ? patternText(read.pattern) : read.error;
};

test.each([
  ['Example.COM.', 'example.com'],
  ['=Example.com', '=example.com'],
  ['*.EXAMPLE.com', '*.example.com'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['*.bücher.example', '*.xn--bcher-kva.example'],
  ['localhost', 'localhost'],
  ['*', '*'],
  ['*.com', '*.com'],
  ['=com', '=com'],
  ['github.io', 'github.io'],
  ['1e100.net', '1e100.net'],
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7/32', '203.0.113.7'],
  ['203.0.113.0/24', '203.0.113.0/24'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['2001:DB8:0:0::1', '2001:db8::1'],
  ['2001:db8::/32', '2001:db8::/32'],
  ['::/0', '::/0'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.0/120', '203.0.113.0/24'],
  ['::203.0.113.7', '::cb00:7107'],
])('reads %s as %s', (text, canonical) => {
  expect(written(text)).toBe(canonical);
  expect(written(canonical)).toBe(canonical);
});

test.each([
  ['', 'expected a host name'],
  ['com', 'write *.com if'],
  ['co.uk', 'write *.co.uk if'],
  ['CO.UK.', 'write *.co.uk if'],
  ['рф', 'a public suffix'],
  ['https://example.com/x', 'only the host of the URL'],
  ['example.com/x', 'write example.com'],
  ['example.com/24', 'only addresses take a /length'],
  ['example.com:443', 'a pattern has no port: write example.com'],
  ['*example.com', 'a star stands for whole labels'],
  ['a.*.com', 'a star stands for whole labels'],
  ['**', 'a star stands for whole labels'],
  ['*.*.com', 'not a host name'],
  ['=*.example.com', 'not a host name'],
  ['*.', 'not a host name'],
  ['=', 'not a host name'],
  ['.example.com', 'not a host name'],
  ['example..com', 'not a host name'],
  ['exa mple.com', 'not a host name'],
  [' example.com', 'not a host name'],
  ['user@example.com', 'not a host name'],
  ['=203.0.113.7', 'an address takes no ='],
  ['*.203.0.113.7', 'an address takes no ='],
  ['203.0.113.7/24', 'write 203.0.113.0/24 or 203.0.113.7'],
  ['203.0.113.0/33', 'must be 0 to 32'],
  ['203.0.113.0/', 'must be 0 to 32'],
  ['203.0.113.0/-1', 'must be 0 to 32'],
  ['203.0.113.0/08', 'must be 0 to 32'],
  ['203.0.113.0/255.255.255.0', 'must be 0 to 32'],
  ['2001:db8::/129', 'must be 0 to 128'],
  ['::ffff:203.0.113.0/24', 'must be 96 to 128'],
  ['203.0.113', 'not an IP address'],
  ['0177.0.0.1', 'not an IP address'],
  ['::ffff:0177.0.0.1', 'not an IP address'],
  ['127.1', 'not an IP address'],
  ['203.0.113.256', 'not an IP address'],
  ['203.0.113.7.', 'not an IP address'],
  ['fe80::1%eth0', 'not an IP address'],
  ['[2001:db8::1]', 'not an IP address'],
  ['1::2::3', 'not an IP address'],
  ['0x7f.0x0.0x0.0x1', 'not a host name'],
  ['a\u0000.example', 'not a host name'],
  [`${'a'.repeat(64)}.example`, 'not a host name'],
  ['a.'.repeat(5_000), 'expected a host name'],
])('refuses %p and says what to do', (text, remedy) => {
  const read = parsePattern(text);
  expect(read.ok).toBeFalse();
  expect(written(text)).toContain(remedy);
});

test('an error shows hostile text cleaned and cut', () => {
  const error = written(`\u001b[2J${'x'.repeat(500)}`);
  expect(error).not.toContain('\u001b');
  expect(error.length).toBeLessThan(200);
});

test('never throws, and what it accepts it reads again as the same', () => {
  const piece = fc.constantFrom(
    '*',
    '.',
    '=',
    '/',
    ':',
    '%',
    '[',
    ']',
    '::',
    'com',
    'a',
    'ü',
    '1',
    '255',
    '0',
    '\u202e',
    ' ',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(piece).map((parts) => parts.join('')),
      ),
      (text) => {
        const read = parsePattern(text);
        if (read.ok) expect(written(patternText(read.pattern))).toBe(patternText(read.pattern));
        else expect(read.error).not.toBe('');
      },
    ),
    { numRuns: 5_000 },
  );
});
