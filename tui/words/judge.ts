import { assertNever } from '../../src/model/never.ts';
import type { Status } from '../../src/schema/status.ts';
import { countOf, formatCount } from '../draw/format.ts';
import { clean, cut, type Line, type Segment, seg } from '../draw/text.ts';

type JudgeStatus = Status['judge'];

const MODEL_CELLS = 24;

/** The tone of each verdict of the judge. */
export const KIND_TONES = { allow: 'ok', block: 'bad', unsure: 'warn' } as const;
/** The sign of each. */
export const KIND_SIGNS = { allow: '✓', block: '✗', unsure: '?' } as const;

/** Whether the judge is asked, and if not why and what to do; in one sentence. */
export function judgeState({ state, detail, dailyTokens, apiUrl }: JudgeStatus): string {
  const why = detail === null ? '' : `: ${clean(detail)}`;
  switch (state) {
    case 'off':
      return 'off by configuration (judge.enabled)';
    case 'ready':
      return 'ready';
    case 'unknown':
      return 'not tried yet';
    case 'unreachable':
      return `not there, tried again by itself${why === '' ? `: ${clean(apiUrl)}` : why}`;
    case 'refused':
      return `cannot be asked${why}`;
    case 'out_of_tokens':
      return `out of tokens: judge.dailyTokens = ${dailyTokens} are used up; it goes on within 24 hours`;
    default:
      return assertNever(state);
  }
}

/** What a person must do so that there is a judge again; null when nothing. */
export function judgeAlert(judge: JudgeStatus): Segment | null {
  if (judge.state === 'refused') return seg(`judge ${judgeState(judge)} · resolagent judge check`, 'bad');
  return judge.state === 'out_of_tokens' ? seg(`judge ${judgeState(judge)}`, 'warn') : null;
}

/** How the judge stands, in few words for the status bar; null where it is off. */
export function judgeSegment({ state, model, done, running, waiting }: JudgeStatus): Segment | null {
  switch (state) {
    case 'off':
      return null;
    case 'unreachable':
      // A server that was never there is not missed.
      return done > 0 ? seg('judge gone, retried', 'warn') : seg('no judge', 'dim');
    case 'refused':
      return seg('judge cannot be asked', 'bad');
    case 'out_of_tokens':
      return seg('judge out of tokens', 'warn');
    case 'ready':
    case 'unknown': {
      const parts = [`judge ${cut(clean(model), MODEL_CELLS)}`];
      if (running > 0) parts.push(`${formatCount(running)} running`);
      if (waiting > 0) parts.push(`${formatCount(waiting)} waiting`);
      return seg(parts.join(' · '), parts.length > 1 ? 'info' : 'dim');
    }
    default:
      return assertNever(state);
  }
}

/** The judge in the line above the keys: how it stands, what it did and spent. */
export function judgeLine(judge: JudgeStatus): Line {
  const state = judgeSegment(judge);
  if (state === null) return [seg('the judge is off: judge.enabled', 'dim')];
  const parts = [
    // What is wrong is what one looks for here.
    ...(judge.detail === null ? [] : [clean(judge.detail)]),
    inquiriesText(judge.done),
    ...(judge.marked > 0 ? [`${formatCount(judge.marked)} with signs of an attempt on it`] : []),
    tokensText(judge),
  ];
  return [state, seg(` · ${parts.join(' · ')}`, 'dim')];
}

/** `1 inquiry`, `3 inquiries`. */
export const inquiriesText = (count: number): string => countOf(count, 'inquiry', 'inquiries');

/** `12,345 of 1,000,000 tokens in 24 hours`. */
export function tokensText({ tokensToday, dailyTokens }: JudgeStatus): string {
  const limit = dailyTokens === 0 ? '' : ` of ${formatCount(dailyTokens)}`;
  return `${formatCount(tokensToday)}${limit} tokens in 24 hours`;
}
