import { cleanText } from '../../model/clean.ts';
import type { Evidence } from '../../model/flow.ts';
import type { KeptVerdict } from '../../model/inquiry.ts';

/** Reasons and signs of an attempt that one connection's evidence tells; the transcript tells all. */
const REASONS_TOLD = 3;
const MARKS_TOLD = 5;

/** What the judge found, as a connection's evidence: the verdict first, then the signs of an attempt on it. */
export function judgeEvidence(kept: KeptVerdict): readonly Evidence[] {
  const { inquiry, model, kind } = kept;
  const [first = 'no reason given', ...others] = kept.reasons;
  const hidden = kept.marks.length - MARKS_TOLD;
  const texts = [
    `${model}: ${kind}: ${first}`,
    ...others.slice(0, REASONS_TOLD - 1),
    ...kept.marks.slice(0, MARKS_TOLD).map((mark) => `‼ ${mark}`),
    ...(hidden > 0 ? [`‼ and ${hidden} more signs of an attempt`] : []),
  ];
  return texts.map((text) => ({ kind: 'judge', inquiry, text: cleanText(text) }));
}

/** Why an allow for the domain does not count for one of its names. */
export const PAST_BLOCK: Evidence = {
  kind: 'note',
  text: 'the scores put this name past a block threshold, so what the judge allows of its domain does not count for it',
};

/** A sentence of evidence. */
export function noteOf(text: string): Evidence {
  return { kind: 'note', text: cleanText(text) };
}
