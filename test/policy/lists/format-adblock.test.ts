import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { read, readLine } from './read.ts';

test('reads every form that is about a whole host', () => {
  const begins = ['||', '|', '://', '*://', '||*.', '://*.', '*://*.'];
  const ends = ['', '^', '^|', '^*', '|', '/', '/*'];
  for (const begin of begins) {
    for (const end of ends)
      expect([begin, end, readLine(`${begin}a.example${end}`)]).toEqual([begin, end, 'a.example']);
  }
  for (const begin of ['', '.', '*.']) {
    for (const end of ['^', '^|', '^*', '|']) expect(readLine(`${begin}a.example${end}`)).toBe('a.example');
  }
  expect(readLine('@@://a.example^')).toBe('@@a.example');
  expect(readLine('@@.a.example^|$important')).toBe('@@!a.example');
  expect(readLine('||[2001:db8::1]^')).toBe('2001:db8::1');
  expect(readLine('||пример.example^')).toBe('xn--e1afmkfd.example');
});

/** What a connection does not show, or what is no whole host, is skipped and told, never taken for the whole host. */
const RESTRICTED: Readonly<Record<string, string>> = {
  '||a.example/ads': 'path',
  '||a.example/ads/': 'path',
  '||a.example/*/x': 'path',
  '||a.example/|': 'path',
  '||a.example//': 'path',
  '||a.example/this$is$path$third-party': 'modifier',
  '||a.example^ads': 'pattern',
  '||a.example^*-tracking.js': 'pattern',
  '||a.example-tracking.js^': 'a.example-tracking.js',
  '||a.example*': 'pattern',
  '||a.co.*': 'pattern',
  '||a.*^': 'pattern',
  '||a*.example^': 'pattern',
  '*a.example^': 'pattern',
  '||a.example:8080^': 'port',
  '://a.example:443/': 'port',
  '|http://a.example^': 'url',
  'http://a.example/*': 'url',
  'https://a.example|': 'url',
  'a.example/': 'path',
  'a.example/*': 'pattern',
  'a.example$important': 'pattern',
  '@@a.example': 'pattern',
  '_prebid_$third-party': 'pattern',
  '/^stats?\\./': 'pattern',
  '@@/^stats?\\./': 'pattern',
  '/a.example$/': 'pattern',
  '||org^': 'public_suffix',
  '||co.uk^$important': 'public_suffix',
  '||a.example$$script[tag]': 'modifier',
  '||': 'not_a_name',
  '@@': 'pattern',
};
for (const [line, reason] of Object.entries(RESTRICTED)) {
  test(`skips ${JSON.stringify(line)}: ${reason}`, () => expect(readLine(line)).toBe(reason));
}

test('a modifier that ties a rule to less than the host skips it, exceptions too', () => {
  const modifiers = [
    ...['script', '~script', 'image', 'subdocument', 'xmlhttprequest', 'websocket', 'popup', 'ping', 'other'],
    ...['first-party', '~third-party', 'domain=b.example', 'denyallow=b.example', 'match-case', 'elemhide'],
    ...[
      'client=127.0.0.1',
      "client='Frank\\'s laptop'",
      "client='$important'",
      'ctag=pc|printer',
      'dnstype=AAAA',
    ],
    ...[
      'dnsrewrite=127.0.0.1',
      'app=com.example',
      'method=post',
      'removeparam=x',
      'unknown',
      'IMPORTANT',
      '',
    ],
  ];
  for (const rule of ['||a.example^', '@@||a.example^', '||a.example^$important']) {
    for (const modifier of modifiers) {
      const joint = rule.includes('$') ? ',' : '$';
      expect([modifier, readLine(`${rule}${joint}${modifier}`)]).toEqual([modifier, 'modifier']);
      expect([modifier, readLine(`${rule}${joint}${modifier},third-party`)]).toEqual([modifier, 'modifier']);
      expect([modifier, readLine(`${rule}${joint}${modifier},badfilter`)]).toEqual([modifier, 'modifier']);
    }
  }
});

test('modifiers that leave the host whole are read over', () => {
  for (const modifier of ['third-party', '3p', 'document', 'doc', 'all', 'network', ' third-party , all'])
    expect(readLine(`||a.example^$${modifier}`)).toBe('a.example');
  expect(readLine('||a.example^$third-party,important')).toBe('!a.example');
});

test('$badfilter cancels the rule that is otherwise the same, before and behind it, and no other', () => {
  const { got, reasons } = read(
    [
      '||A.example^',
      '||a.example^$BADFILTER',
      '||a.example^$badfilter',
      '||a.example^',
      '||a.example^$important',
      '||a.example^|',
      '@@||a.example^',
      '0.0.0.0 a.example',
      'a.example',
      '@@||b.example^$badfilter',
      '@@||b.example^',
      '||b.example^',
      '||c.example^$badfilter,third-party,important',
      '||c.example^$important,third-party',
      '||c.example^$third-party',
      '||203.0.113.7^',
      '||203.0.113.7^$badfilter',
      '||*.com^$badfilter',
    ].join('\n'),
  );
  expect(got).toEqual([
    '5 !a.example',
    '6 a.example',
    '7 @@a.example',
    '8 a.example',
    '9 a.example',
    '12 b.example',
    '15 c.example',
  ]);
  expect(reasons).toEqual([
    '1 cancelled',
    '2 modifier',
    '4 cancelled',
    '11 cancelled',
    '14 cancelled',
    '16 cancelled',
  ]);
});

test('a list of nothing but $badfilter is bounded', () => {
  const { got, counts } = read(
    Array.from({ length: 10_050 }, (_, i) => `||n${i}.example^$badfilter\n||n${i}.example^\n`).join(''),
  );
  expect(got).toHaveLength(50);
  expect(counts.skipped).toBe(10_050);
});

test('what is read of an adblock rule is always the host between its marks', () => {
  const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
  const rest = fc.string({ unit: fc.constantFrom(...'^|*/$:#@.~=,-ab'), maxLength: 6 });
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 3 }), rest, rest, (labels, before, behind) => {
      const host = [...labels, 'example'].join('.');
      for (const entry of read(`||${before}${host}${behind}`).got) {
        const name = entry.replace(/^1 (?:@@)?!?/, '');
        // More labels or letters than the host's own came from the rest of the rule; fewer would block strangers.
        expect(name.includes(host)).toBe(true);
      }
    }),
    { numRuns: 5_000 },
  );
});
