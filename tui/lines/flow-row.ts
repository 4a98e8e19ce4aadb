import type { FlowRecord } from '../../src/model/flow.ts';
import { formatBytes, formatMs } from '../draw/format.ts';
import { type Column, type Grid, gridFor, type RowMark, rowLine } from '../draw/grid.ts';
import { cutName, type Segment, seg } from '../draw/text.ts';
import { paint, type Theme } from '../draw/theme.ts';
import {
  askedText,
  effectSign,
  programLabel,
  scoreOf,
  targetLabel,
  verdictWord,
  WORD_TONES,
  whyOf,
} from '../words/flow.ts';

/** A row of the feed. */
export interface FlowRow {
  readonly flow: FlowRecord;
  readonly age: string;
  /** How long a held flow still waits; empty when that is not known, or it is not held. */
  readonly remaining: string;
}

const VERDICT_CELLS = 9;
/** Room for WOULD-BLOCK. */
const LONG_VERDICT_CELLS = 13;

/** The feed's grid for a width in cells. `longWords` gives the verdict room for WOULD-BLOCK. */
export function flowGrid(width: number, longWords: boolean): Grid<FlowRow> {
  return gridFor([{ ...VERDICT, min: longWords ? LONG_VERDICT_CELLS : VERDICT_CELLS }, ...COLUMNS], width);
}

const VERDICT: Omit<Column<FlowRow>, 'min'> = {
  title: 'verdict',
  rank: 0,
  cell: ({ flow }, width) => {
    const word = verdictWord(flow);
    const text = `${effectSign(flow)} ${word}`;
    return seg(text.length > width ? text.replace('WOULD-BLOCK', 'W-BLOCK') : text, WORD_TONES[word]);
  },
};

/** A right-aligned column of a fixed width. */
const figure = (title: string, rank: number, text: (row: FlowRow) => string, min = 5): Column<FlowRow> => ({
  ...{ title, rank, min, align: 'right' },
  cell: (row): Segment => seg(text(row), 'dim'),
});

const COLUMNS: readonly Column<FlowRow>[] = [
  {
    ...{ title: 'program', rank: 2, min: 8, ideal: 15, max: 26 },
    cell: ({ flow }) => seg(programLabel(flow.origin)),
  },
  {
    ...{ title: 'host', rank: 1, min: 12, ideal: 24, max: 44, grows: 2 },
    // The end of a name says whose it is.
    cell: ({ flow }, width) => seg(cutName(targetLabel(flow), width)),
  },
  figure('port', 5, ({ flow }) => String(flow.target.port)),
  figure('score', 9, ({ flow }) => scoreText(flow)),
  {
    ...{ title: 'why', rank: 3, min: 11, ideal: 16, max: 70, grows: 2 },
    cell: ({ flow, remaining }) =>
      seg(remaining === '' ? whyOf(flow) : `${askedText({ stage: 'person' })} · ${remaining}`, 'dim'),
  },
  figure('ms', 6, ({ flow }) => (flow.effect === 'held' ? '' : formatMs(flow.decisionUs))),
  figure('↓', 7, ({ flow }) => formatBytes(flow.bytesIn)),
  figure('↑', 8, ({ flow }) => formatBytes(flow.bytesOut)),
  figure('age', 4, ({ age }) => age, 4),
];

function scoreText(flow: FlowRecord): string {
  const score = scoreOf(flow.verdict.evidence);
  if (score === null) return '—';
  return Number.isInteger(score) || score >= 10 ? String(Math.round(score)) : score.toFixed(1);
}

interface PaintedRow extends FlowRow {
  readonly mark: RowMark;
  readonly text: string;
}

/** The painted rows of one grid, kept as long as their flows are: most rows of a frame stood in the one before. */
export class RowCache {
  readonly #rows = new WeakMap<FlowRecord, PaintedRow>();

  constructor(
    private readonly grid: Grid<FlowRow>,
    private readonly theme: Theme,
  ) {}

  textOf(row: FlowRow, mark: RowMark): string {
    const known = this.#rows.get(row.flow);
    if (known?.age === row.age && known.remaining === row.remaining && known.mark === mark) return known.text;
    const text = paint(this.theme, rowLine(this.grid, row, mark));
    this.#rows.set(row.flow, { ...row, mark, text });
    return text;
  }
}
