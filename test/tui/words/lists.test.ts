import { describe, expect, test } from 'bun:test';
import type { ListReport } from '../../../src/schema/list.ts';
import { isAlarming, listsAge, STALE_MS, updateOutcome } from '../../../tui/words/lists.ts';
import { listReport } from '../fake-engine.ts';
import { START_MS } from '../feed/make-flow.ts';

const URL = 'https://feeds.example/urlhaus';
const DAY_MS = 86_400_000;
const LISTS: readonly ListReport[] = [
  listReport({ name: 'built-in malware', category: 'malware' }),
  listReport({ name: 'urlhaus', category: 'malware', at: START_MS - 3 * 3_600_000, url: URL }),
  listReport({
    name: 'threatfox',
    category: 'malware',
    at: null,
    url: URL,
    error: 'the server answered with status 503',
  }),
];

describe('how old the lists are', () => {
  const age = (lists: readonly ListReport[], now: number) => listsAge(lists, now);

  test('is the age of the oldest download in force', () => {
    const old = { ...listReport({ name: 'old', url: URL, at: START_MS - 2 * DAY_MS }) };
    expect(age([...LISTS, old], START_MS)).toMatchObject({ text: 'lists 2d old', tone: 'dim' });
    expect(age([...LISTS, { ...old, on: false }], START_MS)?.text).toBe('lists 3h old');
  });

  test('is that of the built-in ones where nothing was downloaded, and told loudly after a week', () => {
    const builtIn = [listReport({ at: START_MS })];
    expect(age(builtIn, START_MS + STALE_MS)?.tone).toBe('dim');
    expect(age(builtIn, START_MS + STALE_MS + 1)).toEqual({ text: 'lists 7d old', tone: 'warn' });
    expect(age([], START_MS)).toBeNull();
  });

  test('makes a failing source an alarm only when its content is old; a file that cannot be read is one at once', () => {
    const error = 'no route';
    expect(isAlarming(listReport({ url: URL, at: null, error }), START_MS)).toBe(false);
    expect(isAlarming(listReport({ url: URL, at: START_MS, error }), START_MS)).toBe(false);
    expect(isAlarming(listReport({ url: URL, at: START_MS - STALE_MS - 1, error }), START_MS)).toBe(true);
    expect(isAlarming(listReport({ on: false, at: null, error }), START_MS)).toBe(true);
    expect(isAlarming(listReport(), START_MS)).toBe(false);
  });
});

test('the outcome of an update names the first failure, and counts the rest', () => {
  const done = { name: 'a', outcome: 'updated', entries: 1, added: 1, removed: 0, error: null } as const;
  const bad = { ...done, name: 'b', outcome: 'failed', error: 'no \u001b[2J route' } as const;
  expect(updateOutcome([])).toEqual({ text: 'no source is on', tone: 'dim' });
  expect(updateOutcome([done])).toEqual({ text: '1 of 1 sources had something new', tone: 'strong' });
  expect(updateOutcome([done, bad, bad]).text).toBe(
    'b failed: no ·[2J route (+1 more) · what is in force stays · 1 of 3 sources had something new',
  );
});
