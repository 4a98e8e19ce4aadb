import { cleanText } from '../../src/model/clean.ts';
import type { Inquiry, ModelFailure, OutcomeWhy } from '../../src/model/inquiry.ts';
import { sourceText } from './round.ts';
import {
  type Brandless,
  callText,
  countOf,
  KIND_TONES,
  lengthText,
  line,
  type TranscriptLine,
} from './text.ts';

export const OUTCOME_WORDS: Readonly<Record<OutcomeWhy, string>> = {
  judged: 'the model said so',
  allow_refused: 'the model said allow, and that was not accepted',
  block_refused: 'the model said block, and its evidence does not exist',
  no_answer: 'the model gave no answer that can be read',
  time_over: 'the time was over',
  rounds_over: 'the rounds were used up',
  tokens_over: 'the tokens were used up',
  model_failed: 'the model could not be asked',
  stopped: 'the engine ended',
};

/** How a model failed, in words. */
const FAILURE_WORDS: Readonly<Record<ModelFailure, string>> = {
  unreachable: 'the server does not answer',
  timed_out: 'the server took too long',
  refused: 'the server does not take the key',
  rate_limited: 'the server asks to wait',
  bad_request: 'the server cannot do what was asked',
  server_error: 'the server failed',
  broken: 'the reply ended in the middle, or is none',
  too_long: 'the reply is too long',
};

/** What came of it: the verdict with why, its reasons, and the results that it rests on. */
export function outcomeLines(inquiry: Brandless<Inquiry>): TranscriptLine[] {
  const { outcome, rounds } = inquiry;
  const results = rounds.flatMap((round) => round.results);
  const evidence = outcome.evidence.map((id) => {
    const result = results.find((each) => each.id === id);
    const what = result === undefined ? '' : `: ${callText(result)}, ${sourceText(result.source)}`;
    return line(2, 'info', `${cleanText(id, 20)}${what}`);
  });
  return [
    line(0, KIND_TONES[outcome.kind], `outcome: ${outcome.kind}; ${OUTCOME_WORDS[outcome.why]}`),
    ...reasonLines(inquiry, 1),
    ...(evidence.length === 0 ? [line(1, 'dim', 'no evidence')] : [line(1, 'dim', 'evidence'), ...evidence]),
  ];
}

/** How the model failed, if it did, and the reasons it gave. */
export function reasonLines({ outcome, failure }: Brandless<Inquiry>, indent: number): TranscriptLine[] {
  const failed = failure === null ? [] : [`${FAILURE_WORDS[failure.why]}: ${cleanText(failure.detail, 600)}`];
  return [
    ...failed.map((text) => line(indent, 'warn', text)),
    ...outcome.reasons
      .filter((reason) => reason !== failure?.detail)
      .map((reason) => line(indent, 'plain', cleanText(reason, 1_000))),
  ];
}

/** What it cost, and who was asked. */
export function figureLines(inquiry: Brandless<Inquiry>): TranscriptLine[] {
  const { tokens, durationMs, rounds, model, apiUrl, promptVersion } = inquiry;
  return [
    line(
      0,
      'dim',
      `${countOf(rounds.length, 'round')}, ${lengthText(durationMs)}, ${tokens.prompt} tokens read, ${tokens.completion} written`,
    ),
    line(
      0,
      'dim',
      `model ${cleanText(model)} at ${cleanText(apiUrl)}, prompt version ${cleanText(promptVersion, 60)}`,
    ),
  ];
}
