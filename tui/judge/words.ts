import { assertNever } from '../../src/model/never.ts';
import type { InquirySummary } from '../../src/schema/judge.ts';
import type { Status } from '../../src/schema/status.ts';
import { formatCount } from '../draw/format.ts';
import { clean, cut, type Line, type Segment, seg, type Tone } from '../draw/text.ts';

type JudgeStatus = Status['judge'];

const MODEL_CELLS = 24;

/** An inquiry's verdict with its sign. */
export const INQUIRY_WORDS: Readonly<
  Record<InquirySummary['kind'], { readonly text: string; readonly tone: Tone }>
> = {
  allow: { text: '✓ allow', tone: 'ok' },
  block: { text: '✗ block', tone: 'bad' },
  unsure: { text: '? unsure', tone: 'warn' },
};

/** How the judge stands, in few words for the status bar; null where it is off. */
export function judgeSegment(judge: JudgeStatus): Segment | null {
  switch (judge.state) {
    case 'off':
      return null;
    case 'unreachable':
      // A server that was never there is not missed.
      return judge.done > 0 ? seg('judge gone, retried', 'warn') : seg('no judge', 'dim');
    case 'refused':
      return seg('judge cannot be asked', 'bad');
    case 'out_of_tokens':
      return seg('judge out of tokens', 'warn');
    case 'ready':
    case 'unknown': {
      const parts = [`judge ${cut(clean(judge.model), MODEL_CELLS)}`];
      if (judge.running > 0) parts.push(`${formatCount(judge.running)} running`);
      if (judge.waiting > 0) parts.push(`${formatCount(judge.waiting)} waiting`);
      return seg(parts.join(' · '), parts.length > 1 ? 'info' : 'dim');
    }
    default:
      return assertNever(judge.state);
  }
}

/** What a person must do so that there is a judge again; null when nothing. */
export function judgeAlert({ state, detail, dailyTokens }: JudgeStatus): Segment | null {
  const why = detail === null ? '' : `: ${clean(detail)}`;
  if (state === 'refused') return seg(`judge cannot be asked${why} · resolagent judge check`, 'bad');
  if (state !== 'out_of_tokens') return null;
  return seg(
    `judge out of tokens: judge.dailyTokens = ${dailyTokens} are used up · it goes on within 24 hours`,
    'warn',
  );
}

/** The judge in the line above the keys: how it stands, what it did and spent. */
export function judgeLine(judge: JudgeStatus): Line {
  if (judge.state === 'off') return [seg('the judge is off: judge.enabled', 'dim')];
  const state = judgeSegment(judge);
  const limit = judge.dailyTokens === 0 ? '' : ` of ${formatCount(judge.dailyTokens)}`;
  const parts = [
    // What is wrong is what one looks for here.
    ...(judge.detail === null ? [] : [clean(judge.detail)]),
    `${formatCount(judge.done)} ${judge.done === 1 ? 'inquiry' : 'inquiries'}`,
    ...(judge.marked > 0 ? [`${formatCount(judge.marked)} with signs of an attempt on it`] : []),
    `${formatCount(judge.tokensToday)}${limit} tokens in 24 hours`,
  ];
  return [...(state === null ? [] : [state]), seg(` · ${parts.join(' · ')}`, 'dim')];
}
