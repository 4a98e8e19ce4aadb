import type { JudgeKind } from '../../model/inquiry.ts';
import type { ReplyCandidates } from './candidates.ts';
import { EVIDENCE_KEYS, plainKey, REASON_KEYS, readWord, VERDICT_KEYS } from './vocabulary.ts';

const LINES_MAX = 2_000;
const LINE_MAX_CHARS = 600;
const LABEL_MAX_CHARS = 40;
/** Longest reply that is a verdict by being one word. */
const WORD_MAX_CHARS = 40;
const DECORATION = /^[\s*_#`•·+–-]{1,20}/;

type Section = 'verdict' | 'reasons' | 'evidence';
const SECTIONS: readonly (readonly [Section, readonly string[]])[] = [
  ['verdict', VERDICT_KEYS],
  ['reasons', REASON_KEYS],
  ['evidence', EVIDENCE_KEYS],
];

/**
 * Reads a verdict that was given in words: one word, or lines such as "Verdict: block", which may be headings above what they label.
 * Quoted lines (`>`, `|`) do not count.
 */
export function readLabelLines(text: string, candidates: ReplyCandidates): void {
  const bare = text.trim();
  const alone = bare.length <= WORD_MAX_CHARS ? readWord(bare) : null;
  if (alone?.kind === 'word' && alone.rest === '') {
    candidates.verdict(alone.verdict);
    return;
  }
  // A verdict in JSON stands by itself; words that cannot be read do not spoil it.
  const isSpare = !candidates.isEmpty;
  const told = { reasons: [] as string[], evidence: [] as string[] };
  let section: Section | null = null;
  let verdict: JudgeKind | null = null;
  for (const line of text.split('\n', LINES_MAX).filter((one) => !/^\s*[>|]/.test(one))) {
    const { label, value } = labelled(line.slice(0, LINE_MAX_CHARS));
    section = label ?? section;
    if (value === '' || section === null) continue;
    if (section !== 'verdict') {
      told[section].push(value);
      continue;
    }
    section = null;
    const word = readWord(value);
    if (word.kind === 'word') {
      verdict = word.verdict;
      candidates.verdict(verdict, [word.rest]);
    } else if (word.kind === 'example' || (label !== null && !isSpare)) candidates.notVerdict(word);
  }
  const cited = told.evidence.flatMap((line) => line.match(/(?<![a-z0-9])E\d{1,3}(?![a-z0-9])/gi) ?? []);
  if (verdict !== null) candidates.verdict(verdict, told.reasons, cited);
}

/** `**Verdict:** block` is its label and value; a heading that is a label alone has no value, and other text no label. */
function labelled(line: string): { readonly label: Section | null; readonly value: string } {
  // `<verdict>block</verdict>`: a tag is a label.
  const plain = line.replace(/<([a-z_]{1,20})>/gi, ' $1: ').replace(/<\/[a-z_]{1,20}>/gi, ' ');
  const bare = plain.replace(DECORATION, '').trim();
  const [, written = bare, value = ''] = /^([^:：=]{0,40})[:：=](.*)$/s.exec(bare) ?? [];
  const isName = written.length <= LABEL_MAX_CHARS && !/["'{}[\]]/.test(written);
  const key = isName ? plainKey(written) : '';
  const label = SECTIONS.find(([, keys]) => keys.includes(key))?.[0] ?? null;
  return { label, value: label === null ? bare : value.replace(DECORATION, '').trim() };
}
