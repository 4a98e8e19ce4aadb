import { expect, test } from 'bun:test';
import { durationText, progressLine, resultLine, statusLines } from '../../../src/cli/lists/text.ts';
import type { ListReport } from '../../../src/schema/list.ts';

const ROW: ListReport = {
  ...{
    name: 'feed',
    category: 'malware',
    entries: 12,
    skipped: 0,
    quarantined: 0,
    hits: 3,
    on: true,
    at: 1_000,
    error: null,
  },
  ...{ url: 'https://x.example/', licence: 'MIT', checkedAt: 1_000 },
};

test('shows each list on a line of its own, in columns', () => {
  const rows = [
    ROW,
    {
      ...ROW,
      name: 'longer-name',
      entries: 123_456,
      on: false,
      at: null,
      hits: 0,
      error: 'status 500',
      skipped: 4,
      quarantined: 1,
    },
  ];
  expect(statusLines(rows, 1_000 + 3_600_000 * 5)).toEqual([
    'feed         malware  on       12  3 hits  5 h old',
    'longer-name  malware  off  123456  0 hits  never downloaded  error: status 500; 4 lines skipped, 1 quarantined',
  ]);
});

test('what a server said cannot move the cursor', () => {
  const lines = statusLines([{ ...ROW, error: 'a\u001b[2Jb\nc' }], 1_000);
  expect(lines.join('')).toContain('a·[2Jb·c');
});

test('says of each source what came of it', () => {
  const base = { name: 'feed', entries: 10, added: 2, removed: 1, error: null };
  expect(resultLine({ ...base, outcome: 'updated' })).toBe('feed: 10 entries, 2 new, 1 gone');
  expect(resultLine({ ...base, outcome: 'unchanged' })).toBe('feed: unchanged, 10 entries');
  expect(resultLine({ ...base, outcome: 'refused', error: 'it shrank' })).toBe(
    'feed: refused, it shrank; the list in force stays',
  );
  expect(resultLine({ ...base, outcome: 'failed', error: 'no route' })).toBe(
    'feed: failed, no route; the list in force stays',
  );
});

test('draws a bar with rate and remaining time when the size is known', () => {
  expect(progressLine('feed', { bytes: 2_500_000, totalBytes: 10_000_000 }, 1_000)).toBe(
    'feed [#####...............] 25 % of 10.0 MB, 2.5 MB at 2.5 MB/s, 3 s left',
  );
  expect(progressLine('feed', { bytes: 500, totalBytes: null }, 1_000)).toBe('feed 500 B at 500 B/s');
  expect(progressLine('feed', { bytes: 20, totalBytes: 10 }, 0)).toContain('100 % of 10 B');
});

test.each([
  [-5, '0 s'],
  [59_400, '59 s'],
  [119_000, '119 s'],
  [120_000, '2 min'],
  [7_200_000, '2 h'],
  [172_800_000, '2 d'],
])('writes %d ms as %s', (durationMs, text) => expect(durationText(durationMs)).toBe(text));
