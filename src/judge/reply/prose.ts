import type { Answers } from './answers.ts';
import { plainKey } from './object.ts';
import { readWord } from './word.ts';

const LINES_MAX = 2_000;
const LINE_MAX_CHARS = 600;
const LABEL_MAX_CHARS = 40;
/** Longest reply that is a verdict by being one word. */
const WORD_MAX_CHARS = 40;
const REASONS_MAX = 16;

const VERDICT_LABELS: ReadonlySet<string> = new Set([
  ...[
    'verdict',
    'finalverdict',
    'myverdict',
    'theverdict',
    'decision',
    'finaldecision',
    'finalanswer',
    'answer',
  ],
  ...[
    'judgement',
    'judgment',
    'recommendation',
    'urteil',
    'entscheidung',
    'antwort',
    'veredicto',
    'decisión',
  ],
  ...['verdetto', 'décision', 'werdykt', 'decyzja', 'вердикт', 'решение', 'ответ'],
  ...['判定', '判决', '裁决', '结论', '結論', '판정', '결론', '决定'],
]);
const REASON_LABELS: ReadonlySet<string> = new Set([
  ...['reasons', 'reason', 'rationale', 'explanation', 'justification', 'gründe', 'grund', 'begründung'],
  ...[
    'razones',
    'razón',
    'raisons',
    'raison',
    'motivos',
    'motivi',
    'причины',
    'причина',
    '理由',
    '原因',
    '이유',
  ],
]);
const EVIDENCE_LABELS: ReadonlySet<string> = new Set([
  ...['evidence', 'evidenceids', 'citedevidence', 'citations', 'cited', 'beweise', 'belege', 'evidencia'],
  ...['доказательства', '证据', '證據', '証拠', '증거'],
]);

const DECORATION = /^[\s*_#`•·+–-]{1,20}/;
/** `<verdict>block</verdict>`: a tag is a label. */
const TAG_OPEN = /<([a-z_]{1,20})>/gi;
const TAG_CLOSE = /<\/[a-z_]{1,20}>/gi;
const BOXED = /\\boxed\{\s{0,9}(?:\\text(?:bf)?\{)?\s{0,9}([^{}\\]{1,40})\}{1,2}/g;

/** Reads a verdict that was given in words: one word, or lines such as "Verdict: block". Quoted lines (`>`, `|`) do not count. */
export function readProse(text: string, answers: Answers): void {
  const bare = text.trim();
  const alone = bare.length <= WORD_MAX_CHARS ? readWord(bare) : null;
  if (alone?.kind === 'word' && alone.rest === '') {
    answers.verdict(alone.verdict, [], []);
    return;
  }
  const lines = text.replace(BOXED, 'verdict: $1').split('\n', LINES_MAX);
  new Labels(answers).read(lines);
}

type Section = 'reasons' | 'evidence' | 'verdict' | null;

/** Reads lines of which some are labels, and the others belong to the label above. */
class Labels {
  readonly #answers: Answers;
  /** A verdict in JSON stands by itself; words that cannot be read do not spoil it. */
  readonly #isSpare: boolean;
  readonly #reasons: string[] = [];
  readonly #evidence: string[] = [];
  #section: Section = null;
  #isGiven = false;

  constructor(answers: Answers) {
    this.#answers = answers;
    this.#isSpare = !answers.isEmpty;
  }

  read(lines: readonly string[]): void {
    for (const line of lines) {
      const bounded = line.slice(0, LINE_MAX_CHARS).replace(TAG_OPEN, ' $1: ').replace(TAG_CLOSE, ' ');
      if (!/^\s*[>|]/.test(bounded) && bounded.trim() !== '') this.#line(bounded);
    }
    // The verdict itself was told already; these belong to it.
    if (this.#isGiven) this.#answers.support(this.#reasons.slice(0, REASONS_MAX), this.#evidence);
  }

  #line(line: string): void {
    const { label, value } = labelled(line);
    if (label !== null) this.#section = label;
    if (value === '' || this.#section === null) return;
    if (this.#section === 'reasons') this.#reasons.push(value);
    else if (this.#section === 'evidence')
      this.#evidence.push(...(value.match(/(?<![a-z0-9])E\d{1,3}(?![a-z0-9])/gi) ?? []));
    else this.#verdict(value, label !== null);
  }

  #verdict(value: string, isSameLine: boolean): void {
    this.#section = null;
    const word = readWord(value);
    if (word.kind === 'word') {
      this.#answers.verdict(word.verdict, [], []);
      this.#isGiven = true;
      if (word.rest !== '') this.#reasons.push(word.rest);
    } else if (word.kind === 'example') this.#answers.sawExample();
    else if (isSameLine && !this.#isSpare) {
      this.#answers.problem('the verdict must be one of the words allow, block and unsure');
    }
  }
}

function sectionOf(label: string): Section {
  if (VERDICT_LABELS.has(label)) return 'verdict';
  if (REASON_LABELS.has(label)) return 'reasons';
  return EVIDENCE_LABELS.has(label) ? 'evidence' : null;
}

/** `**Verdict:** block` is its label and value; a heading that is a label alone has no value, and other text no label. */
function labelled(line: string): { readonly label: Section; readonly value: string } {
  const bare = line.replace(DECORATION, '').trim();
  const head = bare.slice(0, LABEL_MAX_CHARS);
  const colon = head.search(/[:：=]/);
  const written = colon < 0 ? head : head.slice(0, colon);
  const label =
    /["'{}[\]]/.test(written) || (colon < 0 && bare !== head) ? null : sectionOf(plainKey(written));
  if (label === null) return { label, value: bare };
  return {
    label,
    value:
      colon < 0
        ? ''
        : bare
            .slice(colon + 1)
            .replace(DECORATION, '')
            .trim(),
  };
}
