import type { Region } from './loose-json.ts';
import { plainKey, VERDICT_KEYS } from './vocabulary.ts';

/** Text on one line beside a verdict that is looked at. */
const BESIDE_MAX_CHARS = 400;
/** What may introduce a verdict on its line, even where something follows it. */
const INTRODUCTIONS = [...VERDICT_KEYS, 'json'];

/**
 * Whether something stands in the middle of a sentence or in a quoted line, as what a page said would be told. A sentence that ends in a
 * colon introduces what follows, unless more follows that.
 */
export function isQuoted(text: string, { start, end }: Region): boolean {
  const before = text.slice(Math.max(0, start - BESIDE_MAX_CHARS), start);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  // Markdown quotes with `>`, and our own fence marks each line of a stranger's text with `|`.
  if (/^\s*[>|]/.test(line)) return true;
  const after = text.slice(end, end + BESIDE_MAX_CHARS).split('\n', 1)[0] ?? '';
  const [said = '', follows = ''] = [line, after].map((part) => part.replace(/<[^<>]{0,60}>/g, ' '));
  if (!/[\p{L}\p{N}]/u.test(said) || INTRODUCTIONS.includes(plainKey(said))) return false;
  const isIntroduced = /[^\p{L}\p{N},\s][\s*_`"']{0,20}$/u.test(said);
  return !isIntroduced || /[\p{L}\p{N}]/u.test(follows);
}
