import { parseFilter } from '../../src/model/filter/filter.ts';
import { FILTER_MAX_CHARS } from '../state/ui-state.ts';
import type { Handlers, Pressed } from './pressed.ts';

/** What the keys do while a filter is typed. */
export const FILTER_HANDLERS = {
  keep_filter: ({ controller }) => controller.store.act({ type: 'keep_filter' }),
  erase: (on) => erase(on, (before) => before.replace(/.$/su, '')),
  erase_word: (on) => erase(on, (before) => before.replace(/\S*\s*$/u, '')),
  erase_all: (on) => erase(on, () => ''),
  caret_left: (on) => moveCaret(on, (text, at) => text.slice(0, at).replace(/.$/su, '').length),
  caret_right: (on) => moveCaret(on, (text, at) => at + (/^./su.exec(text.slice(at))?.[0].length ?? 0)),
  caret_start: (on) => moveCaret(on, () => 0),
  caret_end: (on) => moveCaret(on, (text) => text.length),
} satisfies Handlers;

/** Puts text in at the caret; what would make the filter too long is not taken. */
export function insertText(on: Pick<Pressed, 'controller' | 'snapshot'>, added: string): void {
  const { edit } = on.snapshot.ui;
  if (edit === null) return;
  const text = edit.text.slice(0, edit.caret) + added + edit.text.slice(edit.caret);
  if (text.length <= FILTER_MAX_CHARS) write(on, text, edit.caret + added.length);
}

function erase(on: Pressed, shorten: (before: string) => string): void {
  const { edit } = on.snapshot.ui;
  if (edit === null) return;
  const before = shorten(edit.text.slice(0, edit.caret));
  write(on, before + edit.text.slice(edit.caret), before.length);
}

function moveCaret(on: Pressed, move: (text: string, at: number) => number): void {
  const { edit } = on.snapshot.ui;
  if (edit !== null) write(on, edit.text, move(edit.text, edit.caret));
}

function write({ controller }: Pick<Pressed, 'controller'>, text: string, caret: number): void {
  const parsed = parseFilter(text);
  controller.store.act({ type: 'typed', text, caret, error: parsed.ok ? null : parsed.error });
}
