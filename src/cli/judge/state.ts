import { inquiriesText, judgeState, tokensText } from '../../../tui/words/judge.ts';
import { cleanText } from '../../model/clean.ts';
import type { Status } from '../../schema/status.ts';
import { paint } from '../print.ts';

const TONES = {
  off: 'plain',
  ready: 'ok',
  unreachable: 'warn',
  refused: 'bad',
  out_of_tokens: 'warn',
  unknown: 'warn',
} as const;

/** How the judge stands, some short lines: its state, whose model it is, what it did and spent. */
export function judgeLines(judge: Status['judge']): readonly string[] {
  const { state, model, apiUrl, done, running, waiting, marked } = judge;
  const first = paint(judgeState(judge), TONES[state]);
  if (state === 'off') return [first];
  const work = [
    inquiriesText(done),
    ...(running > 0 ? [`${running} running`] : []),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    tokensText(judge),
  ];
  return [
    first,
    `${cleanText(model)} at ${cleanText(apiUrl)}`,
    work.join(', '),
    ...(marked === 0 ? [] : [paint(`${inquiriesText(marked)} with signs of an attempt on it`, 'warn')]),
  ];
}
