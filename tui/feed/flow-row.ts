import type { FlowRecord } from '../../src/model/flow.ts';
import { type Column, type ColumnId, MARK_CELLS } from '../draw/columns.ts';
import { formatBytes, formatMs } from '../draw/format.ts';
import { cutName, fit, type Line, type Segment, seg, type Tone } from '../draw/text.ts';
import { askedText, effectSign, scoreOf, targetLabel, verdictWord, WORD_TONES, whyOf } from './describe.ts';
import { programLabel } from './program.ts';

/** How a row stands out: chosen by the person, merely the newest while following, or not. */
export type RowMark = 'chosen' | 'head' | 'none';

/** What of a row runs with the clock. */
export interface RowTimes {
  readonly age: string;
  /** How long a held flow still waits; empty when that is not known, or it is not held. */
  readonly left: string;
}

/** A flow as one line of the fixed grid, exactly as wide as the grid. */
export function flowRow(flow: FlowRecord, times: RowTimes, grid: readonly Column[], mark: RowMark): Line {
  const line: Segment[] = [mark === 'none' ? seg('  ') : seg('› ', 'strong')];
  grid.forEach((column, index) => {
    const full = cellText(flow, column, times);
    // The end of a name says whose it is.
    const text = fit(column.id === 'host' ? cutName(full, column.width) : full, column.width, column.align);
    line.push(seg(index === 0 ? text : ` ${text}`, toneOf(flow, column.id)));
  });
  if (mark !== 'chosen') return line;
  return [seg(line.map((part) => part.text).join(''), 'caret')];
}

/** The titles over the grid. */
export function headerRow(grid: readonly Column[]): Line {
  const titles = grid.map((column) => fit(column.title, column.width, column.align));
  return [seg(' '.repeat(MARK_CELLS) + titles.join(' '), 'dim')];
}

function cellText(flow: FlowRecord, column: Column, { age, left }: RowTimes): string {
  switch (column.id) {
    case 'verdict':
      return verdictText(flow, column.width);
    case 'program':
      return programLabel(flow.origin);
    case 'host':
      return targetLabel(flow);
    case 'port':
      return String(flow.target.port);
    case 'score':
      return scoreText(flow);
    case 'why':
      return left === '' ? whyOf(flow) : `${askedText({ stage: 'person' })} · ${left}`;
    case 'ms':
      return flow.effect === 'held' ? '' : formatMs(flow.decisionUs);
    case 'in':
      return formatBytes(flow.bytesIn);
    case 'out':
      return formatBytes(flow.bytesOut);
    case 'age':
      return age;
  }
}

function verdictText(flow: FlowRecord, width: number): string {
  const text = `${effectSign(flow)} ${verdictWord(flow)}`;
  return text.length > width ? text.replace('WOULD-BLOCK', 'W-BLOCK') : text;
}

function scoreText(flow: FlowRecord): string {
  const score = scoreOf(flow.verdict.evidence);
  if (score === null) return '—';
  return Number.isInteger(score) || score >= 10 ? String(Math.round(score)) : score.toFixed(1);
}

function toneOf(flow: FlowRecord, id: ColumnId): Tone {
  if (id === 'verdict') return WORD_TONES[verdictWord(flow)];
  return id === 'program' || id === 'host' ? 'plain' : 'dim';
}
