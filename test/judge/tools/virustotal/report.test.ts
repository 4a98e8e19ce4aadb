import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { reportLines } from '../../../../src/judge/tools/virustotal/lines.ts';
import {
  ACCUSERS_MAX,
  CATEGORIES_MAX,
  RANKS_MAX,
  readReport,
  type VirustotalReport,
} from '../../../../src/judge/tools/virustotal/report.ts';
import type { Host } from '../../../../src/model/brand.ts';

const FOLDER = join(import.meta.dir, '../../../fixtures/judge/virustotal');
const NOW = Date.parse('2026-11-20T12:00:00Z');
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));

const fixture = (file: string): string => readFileSync(join(FOLDER, `${file}.json`), 'utf8');
const read = (file: string, host: string) => readReport(fixture(file), host as Host);
const lines = (file: string, host: string) => {
  const report = read(file, host);
  return report === null ? null : reportLines(host as Host, report, NOW);
};

test('tells of a popular domain', () => {
  expect(lines('popular', 'example.com')).toEqual([
    'Domain: example.com, as VirusTotal knows it',
    'Engines: 0 malicious, 0 suspicious, 66 harmless, 28 undetected',
    'Last analysis: 2026-11-18 (2 days ago)',
    'Votes of people: 42 (below zero: bad, above: good, 0: hardly any)',
    'Categories: "information technology", "business", "reference"',
    'Registered, by its WHOIS: 1995-08-14 (11421 days ago)',
    `Popularity: place 123 of "Majestic", place 200 of "Cloudflare Radar", place 4021 of "Cisco Umbrella"`,
  ]);
});

test('tells of a phishing site who calls it so, and no more than ten of them', () => {
  const told = lines('phishing', 'example-login.info') ?? [];
  expect(told[1]).toBe('Engines: 13 malicious, 1 suspicious, 40 harmless, 40 undetected');
  expect(told[2]).toStartWith('Called malicious by: "Abusix" (as "malware"), "Acronis" (as "phishing"),');
  expect(told[2]).toEndWith('"Certego" (as "phishing") and maybe more');
  expect(told.at(-1)).toBe('Popularity: on no list');
  expect(told).toContain('Categories: "phishing and other frauds", "phishing and fraud", "fraud"');
});

test.each([
  ['unrated', 'quiet.example.com', 'Engines: 0 malicious, 0 suspicious, 0 harmless, 94 undetected'],
  ['never-analysed', 'new.example.com', 'Engines: not analysed'],
  ['dga', 'xkqjzhtv.top', 'Engines: 2 malicious, 3 suspicious, 39 harmless, 50 undetected'],
  ['bare', 'bare.com', 'Engines: not analysed'],
  ['hostile-shapes', 'odd.com', 'Engines: not analysed'],
])('reads what there is of %s', (file, host, engines) => {
  expect(lines(file, host)).toContain(engines);
});

test.each([
  ['other-name', 'example.com'],
  ['a-file', 'example.com'],
  ['error', 'example.com'],
])('takes %s for no report', (file, host) => {
  expect(read(file, host)).toBeNull();
});

test.each(['', '[]', 'null', '<html>', '{"data":null}', '{"data":{"id":"a.com"}}', '['.repeat(300_000)])(
  'takes %.30j for no report',
  (text) => {
    expect(readReport(text, 'a.com' as Host)).toBeNull();
  },
);

test('members that do not fit are passed over, the rest counts', () => {
  expect(read('hostile-shapes', 'odd.com')).toEqual({
    stats: null,
    accusers: [],
    reputation: null,
    categories: [],
    createdAt: null,
    analysedAt: null,
    ranks: [{ list: 'e', rank: 7 }],
  });
});

function expectBounded(report: VirustotalReport, host: string): void {
  expect(report.accusers.length).toBeLessThanOrEqual(ACCUSERS_MAX);
  expect(report.categories.length).toBeLessThanOrEqual(CATEGORIES_MAX);
  expect(report.ranks.length).toBeLessThanOrEqual(RANKS_MAX);
  const told = reportLines(host as Host, report, NOW);
  for (const line of told) {
    expect(line).toMatch(
      /^(Domain|Engines|Called malicious by|Last analysis|Votes of people|Categories|Registered, by its WHOIS|Popularity): [^\p{Cc}\u200b-\u200f\u2028-\u202e]*$/u,
    );
    expect(line.replace(/"[^"]*"/g, '')).not.toMatch(/ignore|allow|previous|verdict|system|instruction/i);
  }
  expect(told.join('\n').length).toBeLessThan(4_000);
}

test.each(FILES)('nothing in %s adds a line or stands outside of quotes, and all of it is short', (file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const host = (JSON.parse(text).data?.id ?? 'example.com') as Host;
  const report = readReport(text, host);
  if (report !== null) expectBounded(report, host);
});

test('takes any attributes without throwing, and keeps no more than its limits', () => {
  const names = Object.keys(JSON.parse(fixture('popular')).data.attributes);
  const text = fc.string({ unit: 'binary' });
  const results = fc.dictionary(
    text,
    fc.record({ category: fc.constantFrom('malicious', 'harmless'), result: text }),
    { maxKeys: 40 },
  );
  const ranks = fc.dictionary(text, fc.record({ rank: fc.integer() }));
  const value = fc.oneof(
    fc.jsonValue(),
    results,
    ranks,
    fc.dictionary(text, text),
    fc.array(text),
    fc.integer(),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), value), (attributes) => {
      const report = readReport(
        JSON.stringify({ data: { type: 'domain', id: 'a.com', attributes } }),
        'a.com' as Host,
      );
      if (report === null) throw new Error('a report with odd attributes is one nevertheless');
      expectBounded(report, 'a.com');
    }),
  );
  fc.assert(fc.property(fc.json(), (json) => readReport(json, 'a.com' as Host) === null));
  fc.assert(fc.property(fc.string(), (junk) => readReport(junk, 'a.com' as Host) === null));
});
