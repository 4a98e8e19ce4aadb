/** What a column of the feed shows. */
export type ColumnId =
  | 'verdict'
  | 'program'
  | 'host'
  | 'port'
  | 'score'
  | 'why'
  | 'ms'
  | 'in'
  | 'out'
  | 'age';

/** A column with its place in the fixed grid; `width` in cells. */
export interface Column {
  readonly id: ColumnId;
  readonly title: string;
  readonly width: number;
  readonly align: 'left' | 'right';
}

/** Cells before the first column: the mark of the chosen row and a space. */
export const MARK_CELLS = 2;
const GAP_CELLS = 1;

interface ColumnSpec {
  readonly id: ColumnId;
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly min: number;
  /** A column of lower priority comes in only when this one can be so wide. */
  readonly ideal: number;
  /** Widest it grows. */
  readonly max: number;
}

// In the order they are drawn.
const SPECS: readonly ColumnSpec[] = [
  { id: 'verdict', title: 'verdict', align: 'left', min: 9, ideal: 9, max: 9 },
  { id: 'program', title: 'program', align: 'left', min: 8, ideal: 15, max: 26 },
  { id: 'host', title: 'host', align: 'left', min: 12, ideal: 24, max: 44 },
  { id: 'port', title: 'port', align: 'right', min: 5, ideal: 5, max: 5 },
  { id: 'score', title: 'score', align: 'right', min: 5, ideal: 5, max: 5 },
  { id: 'why', title: 'why', align: 'left', min: 11, ideal: 16, max: 70 },
  { id: 'ms', title: 'ms', align: 'right', min: 5, ideal: 5, max: 5 },
  { id: 'in', title: '↓', align: 'right', min: 5, ideal: 5, max: 5 },
  { id: 'out', title: '↑', align: 'right', min: 5, ideal: 5, max: 5 },
  { id: 'age', title: 'age', align: 'right', min: 4, ideal: 4, max: 4 },
];

// The last is the first to go as the terminal shrinks.
const PRIORITY: readonly ColumnId[] = [
  'verdict',
  'host',
  'program',
  'why',
  'age',
  'port',
  'ms',
  'in',
  'out',
  'score',
];

// These come in as soon as they fit at all.
const CORE: ReadonlySet<ColumnId> = new Set(['verdict', 'host', 'program']);

// Who gets a free cell, over and over until all are at their widest.
const GROWTH: readonly ColumnId[] = ['host', 'why', 'program', 'host', 'why'];

/** The grid for a width in cells. `longWords` gives the verdict room for WOULD-BLOCK. Never wider than `width`. */
export function gridFor(width: number, longWords: boolean): readonly Column[] {
  const widths = chosenColumns(width - MARK_CELLS, longWords);
  const used = [...widths.values()].reduce((sum, cells) => sum + cells + GAP_CELLS, -GAP_CELLS);
  grow(widths, width - MARK_CELLS - used, longWords);
  return SPECS.flatMap((spec) => {
    const cells = widths.get(spec.id);
    return cells === undefined ? [] : [{ id: spec.id, title: spec.title, align: spec.align, width: cells }];
  });
}

/** The columns that come in, by priority, each at its least width. */
function chosenColumns(room: number, longWords: boolean): Map<ColumnId, number> {
  const widths = new Map<ColumnId, number>();
  let least = 0;
  let ideal = 0;
  for (const id of PRIORITY) {
    const spec = specOf(id, longWords);
    const gap = widths.size > 0 ? GAP_CELLS : 0;
    const before = CORE.has(id) ? least : ideal;
    if (before + gap + spec.min > room) break;
    widths.set(id, spec.min);
    least += gap + spec.min;
    ideal += gap + spec.ideal;
  }
  return widths;
}

function specOf(id: ColumnId, longWords: boolean): ColumnSpec {
  const spec = SPECS.find((one) => one.id === id);
  if (spec === undefined) throw new Error(`no column ${id}`);
  return id === 'verdict' && longWords ? { ...spec, min: 13, ideal: 13, max: 13 } : spec;
}

/** Gives free cells away one by one: first up to the ideal widths, then up to the widest. */
function grow(widths: Map<ColumnId, number>, free: number, longWords: boolean): void {
  let left = free;
  for (const limit of ['ideal', 'max'] as const) {
    for (let moved = true; moved && left > 0; ) {
      moved = false;
      for (const id of GROWTH) {
        const now = widths.get(id);
        if (left === 0 || now === undefined || now >= specOf(id, longWords)[limit]) continue;
        widths.set(id, now + 1);
        left--;
        moved = true;
      }
    }
  }
}
