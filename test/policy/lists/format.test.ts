import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { LIST_FORMATS } from '../../../src/policy/lists/entry.ts';
import { LINE_MAX_CHARS } from '../../../src/policy/lists/lines.ts';
import { read, readLine } from './read.ts';

/** Lines of other readers' own tests and of public lists, by what they mean here; where that differs: docs/lists.md. */
const LINES: Readonly<Record<string, string>> = {
  // Comments behind a name, as hosts files have them.
  '0.0.0.0 jackboot.example  ## phishing': 'jackboot.example',
  '0.0.0.0 click.example  #[agent.example]': 'click.example',
  '0.0.0.0\ta.example\t#@# was an exception': 'a.example',
  '0.0.0.0 a.example#shop': 'a.example',
  '0.0.0.0 a.example##shop b.example': 'a.example',
  'a.example ## books': 'a.example',
  'a.example #@# books': 'a.example',
  'a.example #?# books': 'a.example',
  'a.example\t#$# books': 'a.example',
  'a.example#books': 'a.example',
  'a.example # see b.example##.ad': 'a.example',
  '||a.example^ # books': 'a.example',
  '203.0.113.0/24 ; SBL1': '203.0.113.0/24',
  '203.0.113.0/24#x': '203.0.113.0/24',
  '## a heading': 'nothing',
  '####': 'nothing',
  '# see example.com##.ad': 'nothing',
  '[Adblock Plus 2.0]': 'nothing',
  // Addresses of hosts files.
  '[::]    a.example  b.example': 'a.example b.example',
  '[::] a.example # [x]': 'a.example',
  ':: a.example': 'a.example',
  '0:0:0:0:0:0:0:0 a.example': 'a.example',
  '::ffff:0.0.0.0 a.example': 'a.example',
  '::ffff:127.0.0.1 a.example': 'a.example',
  '127.0.1.1       this.example.org  this': 'this.example.org public_suffix',
  '0.0.0.0%lo0 a.example': 'a.example',
  'fe80::1%lo0 localhost': 'nothing',
  'fe80::1%lo0 a.example': 'a.example',
  'ff02::3 ip6-allhosts': 'nothing',
  '0 a.example': 'a.example',
  '209.51.100.90  www.example.org': 'redirect',
  '[2001:db8::1] www.example.org': 'redirect',
  '::2 a.example': 'redirect',
  '#::1             localhost ip6-localhost': 'nothing',
  'localhost localhost': 'not_a_name',
  // Names in every spelling that blocky takes and FTL or urlfilter do not always.
  'müller.example': 'xn--mller-kva.example',
  'belgië.icom.museum': 'xn--belgi-rsa.icom.museum',
  'domain_underscore.example': 'domain_underscore.example',
  '-start-with-a-hyphen.example': '-start-with-a-hyphen.example',
  'xn----7sbhlqiujscje.xn--p1ai': 'xn----7sbhlqiujscje.xn--p1ai',
  'invalid.*.wildcard': 'pattern',
  _prebid_: 'public_suffix',
};

for (const [line, meaning] of Object.entries(LINES)) {
  test(`reads ${JSON.stringify(line)} as ${meaning}`, () => expect(readLine(line)).toBe(meaning));
}

test('a mark of cosmetic rules right behind a name is one, in every format', () => {
  const marks = ['##', '#@#', '#?#', '#$#', '#%#', '#@?#', '#@$#', '#$?#', '#@%#', '#@$?#'];
  for (const format of LIST_FORMATS) {
    for (const mark of marks) {
      expect(read(`a.example${mark}.ad`, format).got).toEqual([]);
      expect(read(`a.example, b.example${mark}.ad # x`, format).got).toEqual([]);
    }
  }
});

test('a comment behind a name never changes what is read', () => {
  const names = fc.constantFrom(
    'a.example',
    '0.0.0.0 a.example b.example',
    '||a.example^',
    '@@||a.example^',
    '*.a.example',
  );
  fc.assert(
    fc.property(
      names,
      fc.string({ unit: 'grapheme', maxLength: 30 }),
      fc.constantFrom(' ', '\t', '  '),
      (line, comment, space) => {
        fc.pre(!comment.includes('\n'));
        expect(read(`${line}${space}#${comment}`).got).toEqual(read(line).got);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('no line takes longer than a hostile one may', () => {
  const fill = (start: string, piece: string, end = '') =>
    start + piece.repeat(LINE_MAX_CHARS).slice(0, LINE_MAX_CHARS - start.length - end.length) + end;
  const hostile = [fill('address=/', ' ', 'y'), fill('x', ' ', 'y'), fill('', ' \t', ';x')];
  const started = Bun.nanoseconds();
  for (const format of LIST_FORMATS)
    for (const line of hostile) read(`${line}\n`.repeat(1_000), format, 65_536);
  // About a second; readers that were quadratic in the length of a line took a minute.
  expect((Bun.nanoseconds() - started) / 1e9).toBeLessThan(15);
});

test('a comment in another encoding does not cost its line, a name in one does', () => {
  const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
  expect(read(latin1('0.0.0.0 a.example # blockiert für alle\n')).got).toEqual(['1 a.example']);
  expect(read(latin1('0.0.0.0 für.example\n')).reasons).toEqual(['1 binary']);
});
