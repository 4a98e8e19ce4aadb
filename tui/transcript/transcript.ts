import { cleanText } from '../../src/model/clean.ts';
import type { Inquiry } from '../../src/model/inquiry.ts';
import { figureLines, OUTCOME_WORDS, outcomeLines, reasonLines } from './outcome.ts';
import { roundLines } from './round.ts';
import { type Brandless, countOf, KIND_TONES, line, momentText, type TranscriptLine } from './text.ts';

export type { TranscriptLine } from './text.ts';

/** An inquiry as a transcript is made of it: the judge's own, or one that came over the socket. */
export type Transcript = Brandless<Inquiry>;

/**
 * An inquiry for a person, from top to bottom: what came of it and why, signs of an attempt on the judge, who asked for what,
 * scores, every round, the outcome with its evidence, what it cost. All text is clean; lines are as long as they come, and wrapping is the caller's business.
 */
export function transcriptLines(inquiry: Transcript): readonly TranscriptLine[] {
  return [
    ...titleLines(inquiry),
    ...markLines(inquiry),
    line(0, 'plain', ''),
    ...askedLines(inquiry),
    ...inquiry.rounds.flatMap((round, i) => [line(0, 'plain', ''), ...roundLines(round, i + 1)]),
    line(0, 'plain', ''),
    ...outcomeLines(inquiry),
    line(0, 'plain', ''),
    ...figureLines(inquiry),
  ];
}

function titleLines(inquiry: Transcript): TranscriptLine[] {
  const { id, at, outcome, replayOf, input } = inquiry;
  const title = `inquiry ${id}: ${cleanText(input.domain, 260)}: ${outcome.kind}`;
  const replay = replayOf === null ? [] : [line(1, 'info', `a replay of inquiry ${replayOf}`)];
  return [
    line(0, KIND_TONES[outcome.kind], title),
    line(1, 'dim', momentText(at)),
    ...replay,
    line(1, 'plain', OUTCOME_WORDS[outcome.why]),
    ...reasonLines(inquiry, 2),
  ];
}

function askedLines({ input }: Transcript): TranscriptLine[] {
  const { app } = input;
  const by = `${cleanText(app.name ?? app.path ?? 'a program that is not known')}`;
  const details = [
    app.path === null || app.path === app.name ? null : `path ${cleanText(app.path, 1_000)}`,
    app.user === null ? null : `user ${cleanText(app.user)}`,
    app.signer === null ? null : `signed by ${cleanText(app.signer)}`,
    app.parents.length === 0 ? null : `started by ${app.parents.map((name) => cleanText(name)).join(', ')}`,
    app.firstSeen === null ? null : `first seen ${momentText(app.firstSeen)}`,
  ];
  return [
    line(0, 'strong', `${by} asked for ${cleanText(input.host, 260)}, port ${input.port}`),
    ...details.filter((text) => text !== null).map((text) => line(1, 'dim', text)),
    ...(input.scores.length === 0 ? [] : [line(1, 'plain', 'scores')]),
    ...input.scores.map(({ text }) => line(2, 'dim', cleanText(text, 400))),
    ...(input.pastBlock
      ? [line(1, 'warn', 'the scores put the name past the block threshold: the judge may not allow it')]
      : []),
  ];
}

function markLines({ marks }: Transcript): TranscriptLine[] {
  if (marks.length === 0) return [];
  return [
    line(0, 'plain', ''),
    line(0, 'warn', `warning: ${countOf(marks.length, 'sign')} of an attempt on the judge`),
    ...marks.map(({ evidence, text }) =>
      line(1, 'warn', `${evidence === null ? '' : `${cleanText(evidence, 20)}: `}${cleanText(text, 600)}`),
    ),
  ];
}
