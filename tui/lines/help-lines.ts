import { cutLine, fit, hang, type Line, seg } from '../draw/text.ts';
import { KEYS } from '../keys/keys.ts';

const KEY_CELLS = 9;
const WORD_CELLS = 12;

const LEGEND: readonly (readonly [string, string])[] = [
  ['✓ ALLOW', 'passes, and something said so'],
  ['✗ BLOCK', 'a rule or list says no; not one byte left'],
  ['DEFAULT', 'nothing decided it: policy.unattended did; ✓ passed, ✗ refused'],
  ['? HELD', 'waits for an answer; nothing was sent'],
  ['✓ W…-BLOCK', 'WOULD-BLOCK: permissive mode let pass what would be blocked'],
  ['‼ 2', 'the judge met two signs of an attempt on it; the transcript says which'],
  ['✗ REFUSED', 'cut by a guard: a false name, a loop, too many connections'],
];

/** The help: every row of the key table that has a sentence, then what the words of the feed mean. */
export function helpLines(columns: number): readonly Line[] {
  const entry = (head: string, text: string, headCells: number): Line[] =>
    hang([seg(` ${fit(head, headCells)} `, 'strong')], text, columns);
  const keys = KEYS.flatMap(({ label, does }) => (does === undefined ? [] : entry(label, does, KEY_CELLS)));
  const legend = LEGEND.flatMap(([word, means]) => entry(word, means, WORD_CELLS));
  return [...keys, [], ...legend].map((line) => cutLine(line, columns));
}
