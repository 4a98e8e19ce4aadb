import { Box } from 'ink';
import { formatCount } from '../draw/format.ts';
import { clean, type Line, seg, wrapLines } from '../draw/text.ts';
import type { Theme } from '../draw/theme.ts';
import type { Snapshot } from '../state/snapshot.ts';
import { Lines } from './lines.tsx';

interface EmptyProps {
  readonly snapshot: Snapshot;
  readonly columns: number;
  readonly rows: number;
  readonly theme: Theme;
}

/** What stands where rows would be: what the firewall is doing, and what to try. */
export function Empty({ snapshot, columns, rows, theme }: EmptyProps) {
  const lines = emptyLines(snapshot, columns - 2);
  const spare = Math.max(0, Math.floor((rows - lines.length) / 3));
  return (
    <Box flexDirection="column" width={columns} height={rows} paddingLeft={2} paddingTop={spare}>
      <Lines lines={lines.slice(0, rows)} theme={theme} />
    </Box>
  );
}

function emptyLines(snapshot: Snapshot, columns: number): readonly Line[] {
  const { link, status, ui, total } = snapshot;
  const say = (text: string) => wrapLines(text, columns, 'plain', 3);
  if (link.state === 'gone') return say('No engine, and nothing was seen before it went.');
  if (status === null) return say('Attaching to the engine…');
  if (ui.filter !== '' && total > 0) {
    return say(
      `None of ${formatCount(total)} connections matches ${clean(ui.filter)} · Esc clears the filter.`,
    );
  }
  const doing =
    status.enforcement.state === 'not_enforced'
      ? 'The engine runs, but the kernel does not send it any connection: see above.'
      : 'Watching every outbound TCP connection of this machine: none leaves before it is decided.';
  return [
    ...say(doing),
    [],
    ...say('Nothing so far. Open a page, or try in another terminal:'),
    [],
    [seg('  curl https://example.com', 'strong')],
    [],
    ...say('Then: Enter tells why, b blocks the name, u undoes, ? lists all keys.'),
  ];
}
