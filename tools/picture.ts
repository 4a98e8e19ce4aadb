import { readFileSync } from 'node:fs';

// tmux capture-pane -e -p | bun tools/picture.ts > docs/screen.svg
// A terminal's screen as a picture, for the README: text in cells, with the colours and weights of its SGR sequences (ECMA-48).

const CELL = { width: 8.4, height: 18, size: 14 };
const MARGIN = 14;
const PAPER = '#14171c';
const INK = '#d5d9e0';
const ESCAPE = '\u001b';
/** What SGR 30 to 37 mean here. */
const COLOURS = ['#3b4048', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', INK];

interface Style {
  readonly colour?: string;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly inverse?: boolean;
}

function styled(before: Style, code: number): Style {
  if (code === 0) return {};
  if (code === 1) return { ...before, bold: true };
  if (code === 2) return { ...before, dim: true };
  if (code === 7) return { ...before, inverse: true };
  if (code === 39) return { ...before, colour: INK };
  const colour = COLOURS[code - 30];
  return colour === undefined ? before : { ...before, colour };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function piece(text: string, style: Style, column: number, row: number): string {
  const x = (MARGIN + column * CELL.width).toFixed(1);
  const y = MARGIN + row * CELL.height;
  const width = (text.length * CELL.width).toFixed(1);
  const box = style.inverse
    ? `<rect x="${x}" y="${y}" width="${width}" height="${CELL.height}" fill="${INK}"/>`
    : '';
  const look = [
    `fill="${style.inverse ? PAPER : (style.colour ?? INK)}"`,
    style.bold ? 'font-weight="bold"' : '',
    style.dim ? 'opacity=".6"' : '',
  ];
  const place = `x="${x}" y="${y + CELL.size}" textLength="${width}"`;
  return `${box}<text ${place} ${look.filter(Boolean).join(' ')} xml:space="preserve">${escaped(text)}</text>`;
}

/** One sequence, kept by split(). */
const SGR = new RegExp(`(${ESCAPE}\\[[\\d;]*m)`);

const lines = readFileSync(0, 'utf8').trimEnd().split('\n');
const drawn: string[] = [];
let style: Style = {};
let columns = 0;
for (const [row, line] of lines.entries()) {
  let column = 0;
  for (const part of line.split(SGR)) {
    if (part.startsWith(ESCAPE)) {
      for (const code of part.slice(2, -1).split(';')) style = styled(style, Number(code));
    } else if (part !== '') {
      drawn.push(piece(part, style, column, row));
      column += part.length;
    }
  }
  columns = Math.max(columns, column);
}
const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
const height = lines.length * CELL.height + 2 * MARGIN;
process.stdout.write(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="${CELL.size}">
<title>Resolagent in a terminal</title>
<rect width="${width}" height="${height}" rx="8" fill="${PAPER}"/>
${drawn.join('\n')}
</svg>
`,
);
