import type { InquirySummary } from '../../src/schema/judge.ts';
import { formatAge, formatBytes, formatClock, formatMs } from '../draw/format.ts';
import { clean, cutLine, cutName, fit, type Line, type Segment, seg } from '../draw/text.ts';
import { INQUIRY_WORDS } from './words.ts';

const NARROW_COLUMNS = 60;
/** From here on the first reason and the figures have room. */
const WIDE_COLUMNS = 100;
const DAY_MS = 86_400_000;
const MARK_CELLS = 2;
const TIME_CELLS = 9;
const WORD_CELLS = 9;
const APP_CELLS = 12;
const SIGN_CELLS = 4;
const FIGURE_CELLS = 6;

interface Cells {
  readonly host: number;
  /** 0 where a column has no room. */
  readonly time: number;
  readonly app: number;
  readonly reason: number;
  readonly figures: number;
}

/** The titles over the inquiries. */
export function inquiryTitles(columns: number): Line {
  const room = cellsFor(columns);
  const titles: readonly (readonly [string, number])[] = [
    ['', MARK_CELLS],
    ['time', room.time],
    ['verdict', WORD_CELLS],
    ['host', room.host],
    ['app', room.app],
    ['reason', room.reason],
    ['‼', SIGN_CELLS],
  ];
  const text = titles.map(([title, width]) => fit(title, width)).join('');
  const figures = room.figures === 0 ? '' : `${fit('ms', 5, 'right')} ${fit('tokens', 6, 'right')}`;
  return cutLine([seg(text + figures, 'dim')], columns);
}

/** An inquiry as one line: when, what came of it, for whom; `‼` with how many signs of an attempt on the judge it met. */
export function inquiryRow(inquiry: InquirySummary, now: number, columns: number, chosen: boolean): Line {
  const room = cellsFor(columns);
  const word = INQUIRY_WORDS[inquiry.kind];
  const host = cutName(clean(inquiry.host, 300), room.host - 1);
  const line: Segment[] = [
    seg(chosen ? '› ' : '  ', 'strong'),
    seg(fit(timeOf(inquiry.at, now), room.time), 'dim'),
    seg(fit(word.text, WORD_CELLS), word.tone),
    seg(fit(host, room.host)),
    seg(fit(clean(inquiry.app ?? '—'), room.app - 1).padEnd(room.app), 'dim'),
    seg(spaced(reasonOf(inquiry), room.reason)),
    seg(fit(inquiry.marks > 0 ? `‼${Math.min(99, inquiry.marks)}` : '', SIGN_CELLS), 'warn'),
  ];
  if (room.figures > 0) {
    const ms = fit(formatMs(inquiry.durationMs * 1_000), 5, 'right');
    line.push(seg(`${ms} ${fit(formatBytes(inquiry.tokens), 6, 'right')}`, 'dim'));
  }
  if (!chosen) return cutLine(line, columns);
  return cutLine([seg(fit(line.map((part) => part.text).join(''), columns), 'caret')], columns);
}

/** Cut so that a space is left before the next column. */
function spaced(text: string, width: number): string {
  return width === 0 ? '' : `${fit(text, width - 1)} `;
}

function reasonOf({ reason, why, replayOf }: InquirySummary): string {
  const told = clean(reason ?? why.replaceAll('_', ' '));
  return replayOf === null ? told : `replay of ${replayOf}: ${told}`;
}

/** The time of day; what is older than a day, how old. */
function timeOf(at: number, now: number): string {
  return now - at < DAY_MS ? formatClock(at).slice(0, 8) : `${formatAge(now - at)} ago`;
}

function cellsFor(columns: number): Cells {
  const time = columns < NARROW_COLUMNS ? 0 : TIME_CELLS;
  const app = columns < NARROW_COLUMNS ? 0 : APP_CELLS;
  const figures = columns < WIDE_COLUMNS ? 0 : 2 * FIGURE_CELLS;
  const rest = Math.max(2, columns - MARK_CELLS - time - WORD_CELLS - app - SIGN_CELLS - figures);
  const host = columns < NARROW_COLUMNS ? rest : Math.min(rest, Math.max(20, Math.floor(rest * 0.45)));
  return { time, host, app, figures, reason: rest - host };
}
