import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { LIST_FORMATS } from '../../../src/policy/lists/entry.ts';
import { LINE_MAX_CHARS } from '../../../src/policy/lists/lines.ts';
import { ListReader, SAMPLES_MAX } from '../../../src/policy/lists/reader.ts';
import { read } from './read.ts';

const encoder = new TextEncoder();

test('reads a hosts file and leaves the names of the machine itself out', () => {
  const { got, reasons } = read(
    '# Title: a list\r\n127.0.0.1 localhost\n::1 ip6-localhost localhost\nfe80::1%lo0 localhost\n0.0.0.0 0.0.0.0\n\n' +
      '0.0.0.0 ads.example # inline\n127.0.0.1\tA.Example.\tb.example\n192.0.2.7 mapped.example\n',
    'hosts',
  );
  expect(got).toEqual(['7 ads.example', '8 a.example', '8 b.example']);
  expect(reasons).toEqual(['9 redirect']);
});

test('reads plain names, wildcards, addresses and ranges', () => {
  const { got, reasons } = read(
    'ads.example\n*.wild.example\n.dotted.example\n203.0.113.7\n203.0.113.0/24\n2001:db8::/32\nbücher.example # books\nno spaces here\n*mid*.example\n',
  );
  expect(got).toEqual([
    '1 ads.example',
    '2 wild.example',
    '3 dotted.example',
    '4 203.0.113.7',
    '5 203.0.113.0/24',
    '6 2001:db8::/32',
    '7 xn--bcher-kva.example',
  ]);
  expect(reasons).toEqual(['8 not_a_name', '9 pattern']);
});

test('reads dnsmasq lines that block and skips those that send names elsewhere', () => {
  const { got, reasons } = read(
    'address=/a.example/\naddress=/b.example/c.example/0.0.0.0\nserver=/d.example/\nlocal=/e.example/\naddress=/f.example/#\nserver=/g.example/9.9.9.9\naddress=/h.example/192.0.2.1\n',
    'dnsmasq',
  );
  expect(got).toEqual([
    '1 a.example',
    '2 b.example',
    '2 c.example',
    '3 d.example',
    '4 e.example',
    '5 f.example',
  ]);
  expect(reasons).toEqual(['6 redirect', '7 redirect']);
});

test('reads rules for whole hosts from an adblock list and nothing else', () => {
  const { got, reasons } = read(
    '[Adblock Plus 2.0]\n! comment\n||a.example^\n||b.example^$third-party,important\n@@||ok.a.example^\n||*.c.example^|\n||203.0.113.7^\n' +
      '||d.example/ads^\n||e.example^$script\n||f.*^\n/banner[0-9]/\n##.ad\nexample.com##.ad\nexample.com#@#.ad\n|https://g.example/\n||h.example:8080^\n@@||i.example^$document,domain=x.example\n',
  );
  expect(got).toEqual(['3 a.example', '4 !b.example', '5 @@ok.a.example', '6 c.example', '7 203.0.113.7']);
  expect(reasons).toEqual([
    '8 path',
    '9 modifier',
    '10 pattern',
    '11 pattern',
    '12 cosmetic',
    '13 cosmetic',
    '14 cosmetic',
    '15 url',
    '16 port',
    '17 modifier',
  ]);
});

test('never takes the host of a cosmetic rule for a blocked name', () => {
  for (const rule of [
    'example.com##.ad',
    'example.com#@#.ad',
    'example.com#?#div',
    'example.com#$#body',
    'a.com,b.com##x',
  ]) {
    for (const format of LIST_FORMATS) expect(read(rule, format).got).toEqual([]);
  }
});

test('reads a response policy zone, relative and absolute', () => {
  const zone = [
    '$TTL 300',
    '$ORIGIN rpz.example.',
    '@ IN SOA ns.rpz.example. host.rpz.example. (',
    '  1 ; serial',
    '  2 3 4 5 )',
    '  IN NS ns.rpz.example.',
    'bad.example.com CNAME .',
    '*.bad.example.com 60 IN CNAME .',
    'abs.example.net.rpz.example. IN CNAME *.',
    'drop.example.com CNAME rpz-drop.',
    'ok.bad.example.com CNAME rpz-passthru.',
    'walled.example.com CNAME wall.example.',
    'sink.example.com A 0.0.0.0',
    '    AAAA ::',
    '24.0.113.0.203.rpz-ip CNAME .',
    '48.zz.1.db8.2001.rpz-ip CNAME .',
    'ns.example.com.rpz-nsdname CNAME .',
    'tcp.example.com CNAME rpz-tcp-only. ; c',
  ].join('\n');
  for (const format of ['rpz', 'auto'] as const) {
    const { got, reasons } = read(zone, format);
    expect(got).toEqual([
      '7 bad.example.com',
      '8 bad.example.com',
      '9 abs.example.net',
      '10 drop.example.com',
      '11 @@ok.bad.example.com',
      '13 sink.example.com',
      '14 sink.example.com',
      '15 203.0.113.0/24',
      '16 2001:db8:1::/48',
    ]);
    expect(reasons).toEqual(['12 redirect', '17 trigger', '18 trigger']);
  }
});

test('reads a ranked list, whose line is the rank', () => {
  expect(read('1,google.com\r\n2,example.org\r\n', 'tranco').got).toEqual(['1 google.com', '2 example.org']);
});

test('quarantines public suffixes, top-level domains and ranges that cover a large part of all addresses', () => {
  const { got, reasons, counts } = read(
    'com\nco.uk\n||github.io^\n*.cloudfront.net\n0.0.0.0/0\n::/0\n10.0.0.0/7\nevil.github.io\n',
  );
  expect(got).toEqual(['8 evil.github.io']);
  expect(reasons).toEqual([
    '1 public_suffix',
    '2 public_suffix',
    '3 public_suffix',
    '4 public_suffix',
    '5 too_broad',
    '6 too_broad',
    '7 too_broad',
  ]);
  expect(counts.quarantined).toBe(7);
});

test('a source that declares a format does not have other formats read from it', () => {
  expect(read('||a.example^\n', 'domains').reasons).toEqual(['1 other_format']);
  expect(read('address=/a.example/\n', 'hosts').reasons).toEqual(['1 other_format']);
  expect(read('0.0.0.0 a.example\n', 'tranco').reasons).toEqual(['1 other_format']);
});

test('skips URLs: the host of a page is not what the list is about', () => {
  expect(read('https://github.com/evil/payload.exe\nhttp://203.0.113.7/x\n').reasons).toEqual([
    '1 url',
    '2 url',
  ]);
});

test('skips a line longer than the limit without keeping it, and reads on', () => {
  const { got, counts, reasons } = read(`a.example\n${'x'.repeat(1_000_000)}\nb.example`, 'auto', 65_536);
  expect(got).toEqual(['1 a.example', '3 b.example']);
  expect(reasons).toEqual(['2 too_long']);
  expect(counts.lines).toBe(3);
  expect(read(`${'a'.repeat(LINE_MAX_CHARS + 1)}`).reasons).toEqual(['1 too_long']);
});

test('counts all lines it skips and keeps only the first as samples', () => {
  const { counts } = read('not a name\n'.repeat(500));
  expect(counts.skipped).toBe(500);
  expect(counts.samples).toHaveLength(SAMPLES_MAX);
  expect(counts.samples[0]).toMatchObject({ line: 1, reason: 'not_a_name' });
});

test('says when a list is full', () => {
  const reader = new ListReader('auto', { name: () => false, range: () => false });
  reader.push(encoder.encode('a.example\n'));
  expect(reader.end()).toMatchObject({ entries: 0, skipped: 1 });
});

test('reads the same however the bytes are cut', () => {
  const text = '0.0.0.0 ä.example\r\n||b.example^\nbücher.example\n';
  const whole = read(text, 'auto', 1_000);
  for (let cut = 1; cut < 40; cut++) expect(read(text, 'auto', cut)).toEqual(whole);
});

test('random bytes after a valid line never make it throw, and never a name of it that is no host', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(...LIST_FORMATS), (tail, format) => {
      const bytes = new Uint8Array([...encoder.encode('first.example\n'), ...tail]);
      for (const entry of read(bytes, format, 13).got) expect(entry).toMatch(/^\d+ (?:@@)?!?[a-z0-9._:/-]+$/);
    }),
    { numRuns: 2_000 },
  );
});

test('mutated list lines never make it throw', () => {
  const seeds = [
    '0.0.0.0 a.example',
    '||a.example^$third-party',
    '@@||a.example^',
    'address=/a.example/',
    '$ORIGIN a.',
    'a CNAME .',
    '1,a.example',
    '*.a.example',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...seeds),
      fc.nat(40),
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.constantFrom(...LIST_FORMATS),
      (line, at, insert, format) => {
        read(`${line.slice(0, at)}${insert}${line.slice(at)}\n`, format);
      },
    ),
    { numRuns: 5_000 },
  );
});
