import { cutLine, fit, type Line, type Segment, seg, spaced } from './text.ts';

/** Cells before the first column: the mark of the chosen row and a space. */
export const MARK_CELLS = 2;
const GAP_CELLS = 1;
/** Columns that rank lower than this come in as soon as they fit at all. */
const CORE_RANKS = 3;

/** A column of a list; widths in cells. */
export interface Column<Row> {
  readonly title: string;
  readonly align?: 'right';
  /** The highest goes first as the terminal shrinks. Past the first three one comes in only where those before it have `ideal`. */
  readonly rank: number;
  readonly min: number;
  /** `min` when left out. */
  readonly ideal?: number;
  /** Widest it grows; `ideal` when left out. */
  readonly max?: number;
  /** Cells it takes of free ones at a time, until all columns are at their widest; 1 when left out. */
  readonly grows?: number;
  readonly cell: (row: Row, width: number) => Segment;
}

/** The columns that fit in a width, in the order they are drawn, the mark before them. */
export interface Grid<Row> {
  readonly width: number;
  readonly columns: readonly (Column<Row> & { readonly width: number })[];
}

/** The grid for a width in cells; never wider. */
export function gridFor<Row>(columns: readonly Column<Row>[], width: number): Grid<Row> {
  const room = width - MARK_CELLS;
  const widths = leastWidths(columns, room);
  const used = [...widths.values()].reduce((sum, cells) => sum + cells + GAP_CELLS, -GAP_CELLS);
  const rest = grow(widths, room - used, ({ min, ideal = min }) => ideal);
  grow(widths, rest, ({ min, ideal = min, max = ideal }) => max);
  const shown = columns.flatMap((column) => {
    const cells = widths.get(column);
    return cells === undefined ? [] : [{ ...column, width: cells }];
  });
  return { width, columns: shown };
}

/** The titles over the rows. */
export function titleLine<Row>({ columns, width }: Grid<Row>): Line {
  const titles = columns.map((column) => fit(column.title, column.width, column.align));
  return cutLine([seg(' '.repeat(MARK_CELLS) + titles.join(' '), 'dim')], width);
}

/** How a row stands out: chosen by the person, merely the newest while following, or not. */
export type RowMark = 'chosen' | 'newest' | 'none';

/** A row of the grid, each cell brought to the width of its column. */
export function rowLine<Row>({ columns, width }: Grid<Row>, row: Row, mark: RowMark): Line {
  const cells = columns.map((column) => {
    const { text, tone } = column.cell(row, column.width);
    return seg(fit(text, column.width, column.align), tone);
  });
  const head = mark === 'none' ? seg('  ') : seg('› ', 'strong');
  const line = cutLine([head, ...spaced(cells, seg(' '))], width);
  if (mark !== 'chosen') return line;
  return [seg(fit(line.map((part) => part.text).join(''), width), 'caret')];
}

/** The columns that come in, by rank, each at its least width. */
function leastWidths<Row>(columns: readonly Column<Row>[], room: number): Map<Column<Row>, number> {
  const widths = new Map<Column<Row>, number>();
  let least = 0;
  let ideal = 0;
  for (const column of columns.toSorted((a, b) => a.rank - b.rank)) {
    const gap = widths.size > 0 ? GAP_CELLS : 0;
    const before = column.rank < CORE_RANKS ? least : ideal;
    if (before + gap + column.min > room) break;
    widths.set(column, column.min);
    least += gap + column.min;
    ideal += gap + (column.ideal ?? column.min);
  }
  return widths;
}

/** Gives free cells away, a few at a time, up to a limit a column; how many are left. */
function grow<Row>(
  widths: Map<Column<Row>, number>,
  cells: number,
  limit: (column: Column<Row>) => number,
): number {
  let free = cells;
  for (let before = -1; free > 0 && before !== free; ) {
    before = free;
    for (const [column, width] of widths) {
      const more = Math.min(column.grows ?? 1, limit(column) - width, free);
      widths.set(column, width + more);
      free -= more;
    }
  }
  return free;
}
