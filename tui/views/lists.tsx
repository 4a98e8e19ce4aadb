import { Box } from 'ink';
import type { ListReport } from '../../src/schema/list.ts';
import { formatCount } from '../draw/format.ts';
import type { Layout } from '../draw/layout.ts';
import { listWindow } from '../draw/list.ts';
import { cells, clean, cutLine, fit, type Line, seg } from '../draw/text.ts';
import type { Theme } from '../draw/theme.ts';
import { listAge } from '../list-words.ts';
import { chosenList, type Snapshot } from '../snapshot.ts';
import { Lines } from './lines.tsx';

interface ListsProps {
  readonly picture: Snapshot;
  readonly layout: Layout;
  readonly theme: Theme;
}

/** Every list and source, one a line: in force or not, what it holds, how much, how often it was the answer, how old. */
export function Lists({ picture, layout, theme }: ListsProps) {
  const { lists, now, ui, status } = picture;
  const { columns, listRows, headerRows } = layout;
  const rows = listRows + headerRows;
  const chosen = chosenList(picture);
  const { top, count } = listWindow(lists.length, chosen, ui.list?.line ?? 0, listRows);
  const notice: Line[] = status === null ? [[seg('  asking the engine…', 'dim')]] : [];
  const lines = [
    ...(headerRows > 0 ? [titles(columns)] : []),
    ...notice,
    ...lists
      .slice(top, top + count)
      .map((list, index) => listRow(list, now, columns, top + index === chosen)),
  ];
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Lines lines={lines.slice(0, rows)} theme={theme} />
    </Box>
  );
}

const NARROW_COLUMNS = 60;
/** From here on the error stands in the row, and not only in the line above the keys. */
const WIDE_COLUMNS = 100;
const NAME_CELLS = 26;
/** Mark, sign, on or off. */
const HEAD_CELLS = 8;

function titles(columns: number): Line {
  const end = ending(columns, ['holds', 'entries', 'hits', 'age']);
  const name = fit('list', nameCells(columns, end));
  const trouble = columns < WIDE_COLUMNS ? '' : 'last error';
  return cutLine([seg(`${' '.repeat(HEAD_CELLS)}${name}${end} ${trouble}`, 'dim')], columns);
}

function listRow(list: ListReport, now: number, columns: number, chosen: boolean): Line {
  const facts = [list.category, formatCount(list.entries), formatCount(list.hits), listAge(list, now)];
  const end = ending(columns, facts);
  const name = fit(clean(list.name), nameCells(columns, end));
  const head = `${chosen ? '› ' : '  '}${list.on ? '✓ on ' : '✗ off'} `;
  const wide = columns >= WIDE_COLUMNS;
  const trouble = list.error === null ? '' : wide ? clean(list.error) : '!';
  const line: Line = [
    seg(head, list.on ? 'ok' : 'dim'),
    seg(name, list.on ? 'plain' : 'dim'),
    seg(`${end} `, 'dim'),
    seg(trouble, 'bad'),
  ];
  if (!chosen) return cutLine(line, columns);
  const text = line.map((part) => part.text).join('');
  return cutLine([seg(fit(text, columns), 'caret')], columns);
}

/** What stands right of the name; the least telling is left out where there is no room. */
function ending(columns: number, facts: readonly string[]): string {
  const [category = '', entries = '', hits = '', age = ''] = facts;
  const amount = ` ${fit(entries, 10, 'right')}`;
  if (columns < NARROW_COLUMNS) return `${amount} ${fit(age, 5, 'right')}`;
  return ` ${fit(category, 9)}${amount} ${fit(hits, 8, 'right')} ${fit(age, 5, 'right')}`;
}

function nameCells(columns: number, end: string): number {
  const room = columns - HEAD_CELLS - cells(end) - 2;
  return Math.max(4, columns < WIDE_COLUMNS ? room : Math.min(NAME_CELLS, room));
}
