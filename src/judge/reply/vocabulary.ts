import type { JudgeKind } from '../../model/inquiry.ts';

/** A text that stands where a verdict belongs. `example`: all choices at once, or none, as an example has it. */
export type ReadWord =
  | { readonly verdict: JudgeKind /** What follows it. */; readonly rest: string }
  | 'example'
  | 'unknown';

const WORD_MAX_CHARS = 300;
const KEY_MAX_CHARS = 60;

/** Keys and labels of what a verdict is made of, as `plainKey` writes them: of each language one that stands in a recorded reply. */
export const KEYS = {
  verdict: words(
    'verdict finalverdict decision finaldecision answer finalanswer judgement urteil veredicto décision вердикт 判定 판정',
  ),
  reasons: words('reasons reason rationale explanation begründung razones raisons 理由'),
  evidence: words('evidence evidenceids citedevidence citations belege evidencia 证据 証拠'),
};
const VERDICTS: Readonly<Record<JudgeKind, readonly string[]>> = {
  allow: words(
    'allow allowed permit permitted approve approved erlauben permitir autoriser разрешить 允许 许可',
  ),
  block: words('block blocked deny denied reject rejected blockieren bloquear bloquer 拒绝 拒否 차단'),
  unsure: words('unsure uncertain undecided unsicher incertain incierto неясно 不确定 不明'),
};
/** Words that turn a verdict into its opposite. */
const NEGATION = /(?:^|[^\p{L}])(?:not|no|never|don|cannot|nicht|kein|pas|não|не)(?:$|[^\p{L}])/iu;

/** A key, a label or a name without case, punctuation and blanks. */
export function plainKey(key: string): string {
  const bounded = key.slice(0, KEY_MAX_CHARS).normalize('NFKC');
  return bounded.toLowerCase().replace(/[^\p{L}\p{N}\p{M}]/gu, '');
}

/**
 * Reads what stands where a verdict belongs: a word alone, or at the beginning with punctuation behind it. A second word of another
 * meaning makes it an example; a negation, or anything else, unknown.
 */
export function readWord(text: string): ReadWord {
  const bounded = text.slice(0, WORD_MAX_CHARS).normalize('NFKC');
  const bare = bounded.replace(/^[^\p{L}]{1,40}/u, '').replace(/[^\p{L}\p{M})]{1,300}$/u, '');
  if (bare === '' || /^\s*[<{]/.test(bounded)) return 'example';
  const said = bare.toLowerCase().split(/[^\p{L}\p{M}]+/u);
  const meant = new Set(said.flatMap((word) => verdictOf(word) ?? []));
  if (meant.size > 1) return 'example';
  const verdict = verdictOf(said[0] ?? '');
  const rest = bare.slice(said[0]?.length ?? 0);
  const isApart = rest === '' || (/^[\s*_`"'”’]{0,4}[.,:;!(\n—–-]/u.test(rest) && !NEGATION.test(rest));
  if (verdict === undefined || !isApart) return 'unknown';
  return { verdict, rest: rest.replace(/^[^\p{L}\p{N}]{1,20}/u, '').trim() };
}

function verdictOf(word: string): JudgeKind | undefined {
  return (['allow', 'block', 'unsure'] as const).find((kind) => VERDICTS[kind].includes(word));
}

function words(text: string): readonly string[] {
  return text.split(' ');
}
