import { cleanText } from '../model/clean.ts';
import type { FlowRecord } from '../model/flow.ts';
import { paint } from './print.ts';

const { targetLabel, verdictWord, whyOf } = await import('../../tui/feed/describe.ts');
const { programLabel } = await import('../../tui/feed/program.ts');

const TONES = {
  ALLOW: 'ok',
  BLOCK: 'bad',
  REFUSED: 'bad',
  HELD: 'info',
  DEFAULT: 'warn',
  'WOULD-BLOCK': 'warn',
} as const;

/** One flow on one line: time, verdict word, program, host and port, why, decision time and, once known, bytes. */
export function flowLine(flow: FlowRecord): string {
  const word = verdictWord(flow);
  const time = new Date(flow.at).toTimeString().slice(0, 8);
  const target = `${targetLabel(flow)}:${flow.target.port}`;
  const figures =
    flow.durationMs === null
      ? `${flow.decisionUs} µs`
      : `${flow.decisionUs} µs ${flow.bytesIn}↓ ${flow.bytesOut}↑`;
  const why = cleanText(whyOf(flow));
  return `${paint(time, 'dim')} ${paint(word.padEnd(11), TONES[word])} ${cleanText(programLabel(flow.origin), 40)} → ${target}  ${paint(`${why} · ${figures}`, 'dim')}`;
}
