import type { Rule } from '../../src/model/rule.ts';
import { formatAge } from '../draw/format.ts';
import type { Column } from '../draw/grid.ts';
import { clean, type Segment, seg } from '../draw/text.ts';
import type { Loaded } from '../state/loaded.ts';
import { ListView, type ViewProps } from './list-view.tsx';

/** The rules in force, one a line: what, which name, for whom, from where, how old. */
export function Rules(props: ViewProps) {
  const { rules, now } = props.snapshot;
  return <ListView {...props} columns={columnsAt(now)} rows={rules.value ?? []} notice={noticeOf(rules)} />;
}

const columnsAt = (now: number): readonly Column<Rule>[] => [
  {
    ...{ title: '', rank: 0, min: 7 },
    cell: ({ action }) => (action === 'allow' ? seg('✓ ALLOW', 'ok') : seg('✗ BLOCK', 'bad')),
  },
  {
    ...{ title: 'host', rank: 1, min: 12, ideal: 35, max: Number.POSITIVE_INFINITY },
    cell: (rule) => seg(`${clean(rule.host)}${scopeText(rule, now)}`),
  },
  { title: 'from', rank: 3, min: 8, cell: ({ origin }) => seg(origin, 'dim') },
  {
    ...{ title: 'age', align: 'right', rank: 4, min: 4 },
    cell: ({ createdAt }) => seg(formatAge(now - createdAt), 'dim'),
  },
];

function noticeOf({ value, error }: Loaded<readonly Rule[]>): Segment | null {
  if (error !== null) return seg(`the rules could not be read: ${error}`, 'bad');
  if (value === null) return seg('asking the engine…', 'dim');
  if (value.length > 0) return null;
  return seg('No rules yet. Press a or b on a connection, or run resolagent allow or block.');
}

/** For whom and how long, where it is not everyone and for ever. */
function scopeText({ port, app, user, until, note }: Rule, now: number): string {
  const parts: string[] = [];
  if (port !== null) parts.push(`port ${port}`);
  if (app !== null) parts.push(`app ${clean(app)}`);
  if (user !== null) parts.push(`user ${clean(user)}`);
  if (until !== null) parts.push(until <= now ? 'over' : `for ${formatAge(until - now)} more`);
  if (note !== null) parts.push(clean(note));
  return parts.map((part) => ` · ${part}`).join('');
}
