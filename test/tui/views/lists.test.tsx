import { describe, expect, test } from 'bun:test';
import type { ListReport } from '../../../src/schema/list.ts';
import type { UiAction } from '../../../tui/state/ui-state.ts';
import { healthyStatus, listReport } from '../fake-engine.ts';
import { START_MS } from '../feed/make-flow.ts';
import { draw, SIZES, storeWith } from '../picture.tsx';

const URL = 'https://feeds.example/urlhaus';
const LISTS: readonly ListReport[] = [
  listReport({ name: 'built-in malware', category: 'malware', entries: 72, hits: 3 }),
  listReport({ name: 'built-in gambling', category: 'gambling', on: false }),
  listReport({
    ...{ name: 'urlhaus', category: 'malware', entries: 1_234_567, hits: 42, licence: 'CC0-1.0' },
    ...{ at: START_MS - 3 * 3_600_000, url: URL, skipped: 7, quarantined: 2 },
  }),
  listReport({
    ...{ name: 'threatfox', category: 'malware', entries: 0, at: null, url: URL },
    error: 'the server answered with status 503',
  }),
  listReport({ name: 'own/例え\u001b[2J', category: 'custom', at: null }),
];
const SHOW: UiAction = { type: 'show', view: 'lists' };
const choose = (name: string): UiAction => ({
  type: 'choose',
  view: 'lists',
  choice: { id: name, line: 0 },
});
const picture = (lists: readonly ListReport[], ...actions: readonly UiAction[]) =>
  storeWith([], [SHOW, ...actions], healthyStatus({ lists: [...lists] })).getSnapshot();
const lineOf = (lines: readonly string[], text: string): string =>
  lines.find((line) => line.includes(text)) ?? '';

describe('the lists', () => {
  for (const [columns, rows] of SIZES) {
    test(`fill ${columns}×${rows} and no cell more, and let nothing through that steers the terminal`, () => {
      const many = Array.from({ length: 60 }, (_, i) => listReport({ name: `list ${i} ${'例'.repeat(i)}` }));
      for (const lists of [[], LISTS, many]) {
        const lines = draw(picture(lists), columns, rows);
        expect(lines).toHaveLength(rows);
        expect(Math.max(...lines.map((line) => Bun.stringWidth(line)))).toBeLessThanOrEqual(columns);
        expect(lines.join('\n')).not.toMatch(/[^\P{C}\n]/u);
      }
    });

    test(`say what is on, how much it holds and how old it is at ${columns}×${rows}`, () => {
      const lines = draw(picture(LISTS, choose('urlhaus')), columns, rows);
      expect(lineOf(lines, 'urlhaus ')).toMatch(/› ✓ on {2}urlhaus .*1,234,567 .*3h/);
      expect(lineOf(lines, 'threatfox')).toMatch(/✓ on .* never/);
      const chosen = draw(picture(LISTS, choose('built-in gambling')), columns, rows);
      expect(lineOf(chosen, 'built-in gam')).toStartWith('› ✗ off');
    });

    test(`tell the chosen list's error in the line above the keys at ${columns}×${rows}`, () => {
      const lines = draw(picture(LISTS, choose('threatfox')), columns, rows);
      expect(lines.at(-2)).toContain('threatfox: the server answered with');
      expect(lines.at(-1)).toContain('space on/off');
    });

    test(`keep the chosen list on screen at ${columns}×${rows}`, () => {
      const many = Array.from({ length: 200 }, (_, i) => listReport({ name: `list-${i}` }));
      expect(lineOf(draw(picture(many, choose('list-150')), columns, rows), 'list-150')).toStartWith('›');
    });
  }

  test('stand by category, those that were never downloaded too', () => {
    const lines = draw(picture(LISTS), 130, 44).filter((line) => /✓ on|✗ off/.test(line));
    expect(lines.map((line) => line.slice(8).split(' ')[0])).toEqual([
      'built-in',
      'urlhaus',
      'threatfox',
      'built-in',
      'own/例え·[2J',
    ]);
  });

  test('say licence, source and skipped lines of the chosen one', () => {
    const lines = draw(picture(LISTS, choose('urlhaus')), 130, 44);
    expect(lines.at(-2)).toBe(`7 lines skipped, 2 quarantined · licence CC0-1.0 · ${URL}`);
  });

  test('show how far a download is', () => {
    const store = storeWith([], [SHOW], healthyStatus({ lists: [...LISTS] }));
    store.setListProgress({ name: 'urlhaus', bytes: 2_500_000, totalBytes: 10_000_000 });
    store.act(SHOW);
    store.close();
    expect(draw(store.getSnapshot(), 40, 10).at(-2)).toBe('downloading urlhaus · 25% of 10MB');
  });
});
