import { Box } from 'ink';
import { useMemo } from 'react';
import { gridFor } from '../draw/columns.ts';
import { formatAge } from '../draw/format.ts';
import type { Layout } from '../draw/layout.ts';
import { listWindow } from '../draw/list.ts';
import type { Theme } from '../draw/theme.ts';
import { headerRow } from '../feed/flow-row.ts';
import { RowCache } from '../feed/row-cache.ts';
import { leftText } from '../question/words.ts';
import type { Snapshot } from '../snapshot.ts';
import { Empty } from './empty.tsx';
import { Lines, PaintedLines } from './lines.tsx';

/** From here on the verdict column has room for WOULD-BLOCK in permissive mode. */
const LONG_WORD_COLUMNS = 70;

interface FeedProps {
  readonly picture: Snapshot;
  readonly layout: Layout;
  readonly theme: Theme;
}

/** The live list of connections: the titles and the rows that fit. */
export function Feed({ picture, layout, theme }: FeedProps) {
  const { flows, chosenIndex, now, status, ui, queue } = picture;
  const { listColumns, listRows, headerRows } = layout;
  const longWords = status?.mode === 'permissive' && listColumns >= LONG_WORD_COLUMNS;
  const grid = useMemo(() => gridFor(listColumns, longWords), [listColumns, longWords]);
  const rows = useMemo(() => new RowCache(grid, theme), [grid, theme]);
  const height = listRows + headerRows;
  if (flows.length === 0)
    return <Empty picture={picture} columns={listColumns} rows={height} theme={theme} />;
  const { top, count } = listWindow(flows.length, chosenIndex, ui.flow?.line ?? 0, listRows);
  const texts = flows.slice(top, top + count).map((flow, index) => {
    const mark = top + index !== chosenIndex ? 'none' : ui.flow === null ? 'head' : 'chosen';
    const deadline = flow.effect === 'held' ? queue.deadlines.get(flow.id) : undefined;
    const left = deadline === undefined ? '' : leftText(deadline - now);
    return rows.row(flow, { age: formatAge(now - flow.at), left }, mark);
  });
  return (
    <Box flexDirection="column" width={listColumns} height={height}>
      {headerRows > 0 && <Lines lines={[headerRow(grid)]} theme={theme} />}
      <PaintedLines texts={texts} />
    </Box>
  );
}
