import { cleanText } from '../../model/clean.ts';
import { assertNever } from '../../model/never.ts';
import type { Status } from '../../schema/status.ts';
import { paint } from '../print.ts';

type JudgeStatus = Status['judge'];

const TONES = {
  off: null,
  ready: 'ok',
  unreachable: 'warn',
  refused: 'bad',
  out_of_tokens: 'warn',
  unknown: 'warn',
} as const;

/** Whether the judge is asked, and if not why and what to do; in one sentence without colours. */
export function judgeState({ state, detail, dailyTokens, apiUrl }: JudgeStatus): string {
  const why = detail === null ? '' : `: ${cleanText(detail)}`;
  switch (state) {
    case 'off':
      return 'off by configuration (judge.enabled)';
    case 'ready':
      return 'ready';
    case 'unknown':
      return 'not tried yet';
    case 'unreachable':
      return `not there, tried again by itself${detail === null ? `: ${cleanText(apiUrl)}` : why}`;
    case 'refused':
      return `cannot be asked${why}`;
    case 'out_of_tokens':
      return `out of tokens: judge.dailyTokens = ${dailyTokens} are used up; it goes on within 24 hours`;
    default:
      return assertNever(state);
  }
}

/** How the judge stands, some short lines: its state, whose model it is, what it did and spent. */
export function judgeLines(judge: JudgeStatus): readonly string[] {
  const { state, model, apiUrl, done, running, waiting, marked, tokensToday, dailyTokens } = judge;
  const tone = TONES[state];
  const text = judgeState(judge);
  const first = tone === null ? text : paint(text, tone);
  if (state === 'off') return [first];
  const work = [
    inquiriesText(done),
    ...(running > 0 ? [`${running} running`] : []),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    `${tokensToday}${dailyTokens === 0 ? '' : ` of ${dailyTokens}`} tokens in 24 hours`,
  ];
  return [
    first,
    `${cleanText(model)} at ${cleanText(apiUrl)}`,
    work.join(', '),
    ...(marked === 0 ? [] : [paint(`${inquiriesText(marked)} with signs of an attempt on it`, 'warn')]),
  ];
}

function inquiriesText(count: number): string {
  return count === 1 ? '1 inquiry' : `${count} inquiries`;
}
