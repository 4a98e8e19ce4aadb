import type { ListReport } from '../../src/schema/list.ts';
import { formatCount } from '../draw/format.ts';
import type { Column } from '../draw/grid.ts';
import { clean, seg } from '../draw/text.ts';
import { listAge } from '../words/lists.ts';
import { ListView, type ViewProps } from './list-view.tsx';

/** From here on the error itself is told, and not only in the line above the keys. */
const ERROR_CELLS = 20;

/** Every list and source, one a line: in force or not, what it holds, how much, how often it was the answer, how old. */
export function Lists(props: ViewProps) {
  const { lists, now, status } = props.snapshot;
  const notice = status === null ? seg('asking the engine…', 'dim') : null;
  return <ListView {...props} columns={columnsAt(now)} rows={lists} notice={notice} />;
}

const columnsAt = (now: number): readonly Column<ListReport>[] => [
  { title: '', rank: 0, min: 5, cell: ({ on }) => (on ? seg('✓ on', 'ok') : seg('✗ off', 'dim')) },
  {
    ...{ title: 'list', rank: 1, min: 11, ideal: 13, max: 34, grows: 3 },
    cell: ({ name, on }) => seg(clean(name), on ? 'plain' : 'dim'),
  },
  { title: 'holds', rank: 5, min: 9, cell: ({ category }) => seg(category, 'dim') },
  {
    ...{ title: 'entries', align: 'right', rank: 2, min: 10 },
    cell: ({ entries }) => seg(formatCount(entries), 'dim'),
  },
  {
    ...{ title: 'hits', align: 'right', rank: 6, min: 8 },
    cell: ({ hits }) => seg(formatCount(hits), 'dim'),
  },
  { title: 'age', align: 'right', rank: 3, min: 5, cell: (list) => seg(listAge(list, now), 'dim') },
  {
    ...{ title: 'last error', rank: 4, min: 1, max: Number.POSITIVE_INFINITY },
    cell: ({ error }, width) => seg(error === null ? '' : width < ERROR_CELLS ? '!' : clean(error), 'bad'),
  },
];
