import { Text } from 'ink';
import { memo } from 'react';
import type { Line } from '../draw/text.ts';
import { paint, type Theme } from '../draw/theme.ts';

// A row keeps its place and changes its text: nodes are neither made nor thrown away while the list runs. One text a row,
// not one for all of them: Ink remembers thousands of measured texts whole.
const Row = memo(function Row({ text }: { readonly text: string }) {
  return <Text wrap="truncate-end">{text === '' ? ' ' : text}</Text>;
});

/** Painted lines, one a row, each cut to its width before; only those that changed are drawn again. */
export function PaintedLines({ texts }: { readonly texts: readonly string[] }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen has no identity but its place
  return texts.map((text, index) => <Row key={index} text={text} />);
}

/** Lines, one a row, each cut to its width before. */
export function Lines({ lines, theme }: { readonly lines: readonly Line[]; readonly theme: Theme }) {
  return <PaintedLines texts={lines.map((line) => paint(theme, line))} />;
}
