import { Box } from 'ink';
import { type Column, gridFor, rowLine, titleLine } from '../draw/grid.ts';
import type { Layout } from '../draw/layout.ts';
import { listWindow } from '../draw/list-window.ts';
import { cutLine, type Line, type Segment, seg, wrap } from '../draw/text.ts';
import type { Theme } from '../draw/theme.ts';
import { chosenIndex } from '../state/rows.ts';
import type { Snapshot } from '../state/snapshot.ts';
import { Lines } from './lines.tsx';

/** What every view is drawn from. */
export interface ViewProps {
  readonly snapshot: Snapshot;
  readonly layout: Layout;
  readonly theme: Theme;
}

interface ListViewProps<Row> extends ViewProps {
  readonly columns: readonly Column<Row>[];
  /** The rows of the view that is shown. */
  readonly rows: readonly Row[];
  /** Stands before the rows, most often in their place. */
  readonly notice: Segment | null;
  /** Stands behind the last row. */
  readonly end?: string | null;
}

/** A list with its titles: the rows that fit around the chosen one. */
export function ListView<Row>({
  snapshot,
  layout,
  theme,
  columns,
  rows,
  notice,
  end = null,
}: ListViewProps<Row>) {
  const { listColumns: width, listRows, headerRows } = layout;
  const { view, choices } = snapshot.ui;
  const grid = gridFor(columns, width);
  const chosen = chosenIndex(snapshot);
  const { top, count } = listWindow(rows.length, chosen, choices[view]?.line ?? 0, listRows);
  const shown = rows
    .slice(top, top + count)
    .map((row, index) => rowLine(grid, row, top + index === chosen ? 'chosen' : 'none'));
  const lines = [
    ...(headerRows > 0 ? [titleLine(grid)] : []),
    ...noticeLines(notice, width),
    ...shown,
    ...(end !== null && top + count === rows.length ? [cutLine([seg(`  ${end}`, 'dim')], width)] : []),
  ];
  return (
    <Box flexDirection="column" width={width} height={listRows + headerRows}>
      <Lines lines={lines.slice(0, listRows + headerRows)} theme={theme} />
    </Box>
  );
}

function noticeLines(notice: Segment | null, columns: number): readonly Line[] {
  if (notice === null) return [];
  return wrap(notice.text, columns - 2, 4).map((part) => [seg(`  ${part}`, notice.tone)]);
}
