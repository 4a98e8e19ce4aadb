import type { ReplyCandidates } from './candidates.ts';
import { KEYS, plainKey, readWord } from './vocabulary.ts';

const LINES_MAX = 2_000;
const LINE_MAX_CHARS = 600;
/** Longest reply that need not say that it is a verdict. */
const WORD_MAX_CHARS = 40;
const DECORATION = /^[\s*_#`•·+–-]{1,20}/;
const QUOTED = /^\s*[>|]/;

type Section = keyof typeof KEYS;

/**
 * Reads a verdict that was given in words: a word alone, or lines such as "Verdict: block", which may be headings above what they label.
 * Quoted lines (`>`, `|`) do not count.
 */
export function readLabelLines(text: string, candidates: ReplyCandidates): void {
  // A verdict in JSON stands by itself; words that cannot be read do not spoil it.
  const isSpare = !candidates.isEmpty;
  const told = { reasons: [] as string[], evidence: [] as string[] };
  let section: Section | null = text.trim().length <= WORD_MAX_CHARS ? 'verdict' : null;
  let verdict: ReturnType<typeof readWord> = 'unknown';
  for (const line of text.split('\n', LINES_MAX).filter((one) => !QUOTED.test(one))) {
    const { label, value } = labelled(line.slice(0, LINE_MAX_CHARS));
    section = label ?? section;
    if (value === '' || section === null) continue;
    if (section !== 'verdict') {
      told[section].push(value);
      continue;
    }
    section = null;
    const word = readWord(value);
    if (typeof word === 'object') verdict = word;
    if (word !== 'unknown' || (label !== null && !isSpare)) candidates.verdict(word, [], []);
  }
  // A closing sentence behind the evidence is none.
  const cited = told.evidence.filter((line) => /\bE\d/i.test(line));
  if (typeof verdict === 'object') candidates.verdict(verdict, told.reasons, cited);
}

/** `**Verdict:** block` is its label and value; a heading that is a label alone has no value, and other text no label. */
function labelled(line: string): { readonly label: Section | null; readonly value: string } {
  // `<verdict>block</verdict>`: a tag is a label.
  const plain = line.replace(/<([a-z_]{1,20})>/gi, ' $1: ').replace(/<\/[a-z_]{1,20}>/gi, ' ');
  const bare = plain.replace(DECORATION, '').trim();
  const [, written = bare, value = ''] = /^([^:：=]{0,40})[:：=](.*)$/s.exec(bare) ?? [];
  const key = /["'{}[\]]/.test(written) ? '' : plainKey(written);
  const sections = ['verdict', 'reasons', 'evidence'] as const;
  const label = sections.find((section) => KEYS[section].includes(key)) ?? null;
  return { label, value: label === null ? bare : value.replace(DECORATION, '').trim() };
}
