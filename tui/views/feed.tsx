import { Box } from 'ink';
import { useMemo } from 'react';
import { formatAge } from '../draw/format.ts';
import { titleLine } from '../draw/grid.ts';
import { listWindow } from '../draw/list-window.ts';
import { flowGrid, RowCache } from '../lines/flow-row.ts';
import { remainingText } from '../words/question.ts';
import { Empty } from './empty.tsx';
import { Lines, PaintedLines } from './lines.tsx';
import type { ViewProps } from './list-view.tsx';

/** From here on the verdict column has room for WOULD-BLOCK in permissive mode. */
const LONG_WORD_COLUMNS = 70;

/** The live list of connections: the titles and the rows that fit. */
export function Feed({ snapshot, layout, theme }: ViewProps) {
  const { flows, chosenIndex, now, status, ui, queue } = snapshot;
  const { listColumns, listRows, headerRows } = layout;
  const longWords = status?.mode === 'permissive' && listColumns >= LONG_WORD_COLUMNS;
  const grid = useMemo(() => flowGrid(listColumns, longWords), [listColumns, longWords]);
  const rows = useMemo(() => new RowCache(grid, theme), [grid, theme]);
  const height = listRows + headerRows;
  if (flows.length === 0)
    return <Empty snapshot={snapshot} columns={listColumns} rows={height} theme={theme} />;
  const { top, count } = listWindow(flows.length, chosenIndex, ui.choices.flows?.line ?? 0, listRows);
  const texts = flows.slice(top, top + count).map((flow, index) => {
    const mark = top + index !== chosenIndex ? 'none' : ui.choices.flows === undefined ? 'newest' : 'chosen';
    const deadline = flow.effect === 'held' ? queue.deadlines.get(flow.id) : undefined;
    const remaining = deadline === undefined ? '' : remainingText(deadline - now);
    return rows.textOf({ flow, age: formatAge(now - flow.at), remaining }, mark);
  });
  return (
    <Box flexDirection="column" width={listColumns} height={height}>
      {headerRows > 0 && <Lines lines={[titleLine(grid)]} theme={theme} />}
      <PaintedLines texts={texts} />
    </Box>
  );
}
