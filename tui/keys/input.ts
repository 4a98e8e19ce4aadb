import type { Key } from 'ink';
import { onlyShows } from './keys.ts';

/** A longer run of characters in one read is no typing but a paste into a terminal that does not mark pastes. */
export const TYPED_MAX_CHARS = 64;

const CONTROL_NAMES: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u001b': 'escape',
};

/**
 * The keys behind one call of Ink's useInput, by name: `up`, `enter`, `ctrl+c`, or the character itself. Several when a fast
 * typist or a script filled the terminal's buffer; none for what is no key of ours.
 */
export function keyNames(input: string, key: Key): readonly string[] {
  if (key.tab && key.shift) return [];
  const special = specialName(key);
  if (special !== null) return [special];
  if (key.ctrl) return input.length === 1 ? [`ctrl+${input}`] : [];
  // Esc and a key that came in one piece, as they do on a busy machine, are read as one key with Alt. The Esc is done, as it harms
  // nothing; the key was meant for what lies below, which is not seen yet, and is done if it harms nothing either.
  if (key.meta) return input.length === 1 ? ['escape', ...[input].filter(onlyShows)] : [];
  if (input.length > TYPED_MAX_CHARS) return [];
  return [...input].flatMap((char) => nameOf(char));
}

const SPECIAL_NAMES: Readonly<Partial<Record<keyof Key, string>>> = {
  ...{ upArrow: 'up', downArrow: 'down', leftArrow: 'left', rightArrow: 'right' },
  ...{ pageUp: 'pageup', pageDown: 'pagedown', home: 'home', end: 'end', return: 'enter' },
  ...{ escape: 'escape', tab: 'tab', backspace: 'backspace', delete: 'delete' },
};

function specialName(key: Key): string | null {
  return Object.entries(SPECIAL_NAMES).find(([flag]) => key[flag as keyof Key])?.[1] ?? null;
}

function nameOf(char: string): readonly string[] {
  const control = CONTROL_NAMES[char];
  if (control !== undefined) return [control];
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20) return [`ctrl+${String.fromCharCode(code + 0x60)}`];
  return [char];
}
