import { describe, expect, test } from 'bun:test';
import type { Key } from 'ink';
import { lineCells } from '../../../tui/draw/text.ts';
import type { KeyPlace } from '../../../tui/keys/binding.ts';
import { keyNames, TYPED_MAX_CHARS } from '../../../tui/keys/input.ts';
import { actionFor, hintsFor, KEYS } from '../../../tui/keys/keys.ts';
import { helpLines } from '../../../tui/lines/help-lines.ts';

const PLACES: readonly KeyPlace[] = [
  'quit',
  'filter',
  'scope',
  'help',
  'flows',
  'question',
  'breakdown',
  'transcript',
  'rules',
  'lists',
  'judge',
];
const NO_KEY: Key = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false,
};

describe('the key table', () => {
  for (const place of PLACES) {
    test(`gives every key one meaning in ${place}`, () => {
      const keys = KEYS.filter((row) => row.places.includes(place)).flatMap((row) => row.keys);
      expect(keys).toEqual([...new Set(keys)]);
    });

    test(`offers a way out of ${place} by Esc or Ctrl-C`, () => {
      expect(actionFor(place, 'escape')).toBe('back');
      if (place !== 'help') expect(hintsFor(place).length).toBeGreaterThan(0);
      expect(actionFor(place, 'ctrl+c')).toMatch(/quit|detach/);
    });
  }

  test('lists every key of the feed in the help, with what it does', () => {
    const help = helpLines(80)
      .map((line) => line.map((part) => part.text).join(''))
      .join('\n');
    for (const key of [
      'a ',
      'b ',
      'u ',
      'Enter',
      'Esc',
      '/ ',
      'space',
      'Tab',
      '? ',
      'q ',
      '↑',
      '↓',
      'PgUp',
      'Home g',
      'End G',
      'x ',
      'U ',
      'A B',
      'n N',
      'j ',
      'R ',
      '4 ',
    ]) {
      expect(help).toContain(` ${key}`);
    }
    expect(help).toContain('block this name for everyone');
  });

  test('keeps the help within any width', () => {
    for (const width of [20, 40, 80]) {
      expect(Math.max(...helpLines(width).map(lineCells))).toBeLessThanOrEqual(width);
    }
  });
});

describe('names of keys', () => {
  test('come from what Ink parsed', () => {
    expect(keyNames('', { ...NO_KEY, upArrow: true })).toEqual(['up']);
    expect(keyNames('c', { ...NO_KEY, ctrl: true })).toEqual(['ctrl+c']);
    expect(keyNames(' ', NO_KEY)).toEqual([' ']);
    expect(keyNames('', { ...NO_KEY, tab: true, shift: true })).toEqual([]);
  });

  test('are Esc alone where a key that does more than show came with it in one piece, and nothing for what no key sends', () => {
    for (const key of ['a', 'b', 'A', 'B', 'x', 'u', 'R', 'U', 'q', 'd', 's', ' ', 'z', '\r'])
      expect(keyNames(key, { ...NO_KEY, meta: true })).toEqual(['escape']);
    expect(keyNames('', { ...NO_KEY, meta: true })).toEqual([]);
    expect(keyNames('[200', { ...NO_KEY, meta: true })).toEqual([]);
  });

  test('are Esc and the key where one that only shows something else came with it', () => {
    for (const key of ['1', '2', '3', '4', '?', '/', 'j', 'g', 'G'])
      expect(keyNames(key, { ...NO_KEY, meta: true })).toEqual(['escape', key]);
  });

  test('come one by one when several keys stood in the buffer', () => {
    expect(keyNames('/a日\r', NO_KEY)).toEqual(['/', 'a', '日', 'enter']);
    expect(keyNames('q\u0003\u001b\u007f\t', NO_KEY)).toEqual(['q', 'ctrl+c', 'escape', 'backspace', 'tab']);
  });

  test('are none for what must be a paste: no clipboard presses a and b', () => {
    expect(keyNames('b'.repeat(TYPED_MAX_CHARS + 1), NO_KEY)).toEqual([]);
  });
});
