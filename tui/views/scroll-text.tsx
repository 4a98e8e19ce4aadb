import { Box } from 'ink';
import { fit, type Line, seg } from '../draw/text.ts';
import type { Theme } from '../draw/theme.ts';
import { Lines } from './lines.tsx';

interface ScrollTextProps {
  readonly title: string;
  readonly lines: readonly Line[];
  /** First line drawn; past the end counts as the end. */
  readonly scroll: number;
  readonly columns: number;
  /** Title row included. */
  readonly rows: number;
  readonly theme: Theme;
}

/** A titled text that shows the part that fits, and how far one has come. */
export function ScrollText({ title, lines, scroll, columns, rows, theme }: ScrollTextProps) {
  const inside = Math.max(0, rows - 1);
  const top = Math.min(Math.max(0, scroll), Math.max(0, lines.length - inside));
  const more = lines.length - top - inside;
  const place = lines.length > inside ? ` ${more > 0 ? `${more} more ↓` : 'end'} ` : '';
  const rule = '─'.repeat(Math.max(0, columns));
  const head = fit(`── ${title} ${rule}`, Math.max(0, columns - place.length - 2), 'left').replace(/…$/, '─');
  const titleLine = [seg(head, 'dim'), seg(place, 'strong'), seg('──', 'dim')];
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Lines lines={[titleLine, ...lines.slice(top, top + inside)]} theme={theme} />
    </Box>
  );
}
