import { cleanText } from '../../src/model/clean.ts';
import type {
  EvidenceSource,
  Inquiry,
  ModelFailure,
  OutcomeWhy,
  ToolResult,
} from '../../src/model/inquiry.ts';
import { KIND_TONES } from '../words/judge.ts';
import { lines, type TranscriptLine } from './line.ts';

/** Why an inquiry ended as it did, in words. */
export const OUTCOME_WORDS: Readonly<Record<OutcomeWhy, string>> = {
  judged: 'the model said so',
  allow_refused: 'the model said allow, and that was not accepted',
  block_refused: 'the model said block, and its evidence does not exist',
  no_answer: 'the model gave no answer that can be read',
  time_over: 'the time was over',
  rounds_over: 'the rounds were used up',
  tokens_over: 'the tokens were used up',
  model_failed: 'the model could not be asked',
  judge_broke: 'the judge itself broke',
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

const SOURCE_WORDS: Readonly<Record<EvidenceSource, string>> = {
  registry: 'from the registry',
  dns: 'from DNS',
  reputation: 'from a reputation service',
  page: 'from the page itself',
  certificate: 'from the certificate',
  machine: 'from this machine',
};

/** The outcome: the verdict with why, its reasons, and the results that it rests on. */
export function outcomeLines(inquiry: Inquiry): TranscriptLine[] {
  const { outcome, rounds } = inquiry;
  const results = rounds.flatMap((round) => round.results);
  const evidence = outcome.evidence.map((id) => {
    const result = results.find((each) => each.id === id);
    return result === undefined ? cleanText(id, 20) : resultText(id, result);
  });
  return [
    ...lines(0, KIND_TONES[outcome.kind], `outcome: ${outcome.kind}; ${OUTCOME_WORDS[outcome.why]}`),
    ...reasonLines(inquiry, 1),
    ...lines(1, 'dim', evidence.length === 0 ? 'no evidence' : 'evidence'),
    ...lines(2, 'info', ...evidence),
  ];
}

/** How the model failed, if it did, and the reasons it gave. */
export function reasonLines({ outcome, failure }: Inquiry, indent: number): TranscriptLine[] {
  const failed = failure && `${FAILURE_WORDS[failure.why]}: ${cleanText(failure.detail, 600)}`;
  const reasons = outcome.reasons.filter((reason) => reason !== failure?.detail);
  return [
    ...lines(indent, 'warn', failed),
    ...lines(indent, 'plain', ...reasons.map((reason) => cleanText(reason, 1_000))),
  ];
}

/** A call as it was made: `WHOIS {"domain":"example.com"}`. */
export function callText({ tool, args }: Pick<ToolResult, 'tool' | 'args'>): string {
  return cleanText(`${cleanText(tool, 60)} ${JSON.stringify(args)}`, 400);
}

/** A result as it is cited: by which call, and in whose words. */
export function resultText(id: string, result: Pick<ToolResult, 'tool' | 'args' | 'source'>): string {
  const source = result.source === null ? 'source not known' : SOURCE_WORDS[result.source];
  return `${cleanText(id, 20)}: ${callText(result)}, ${source}`;
}
