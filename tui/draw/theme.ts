import { cells, type Line, type Tone } from './text.ts';

/** How the screen may draw on this terminal. */
export interface Theme {
  /** False with NO_COLOR or a terminal that has none; bold, dim and inverse stay. */
  readonly color: boolean;
  /** True where signs outside ASCII cannot be trusted to be drawn. */
  readonly ascii: boolean;
}

interface Style {
  /** SGR foreground of the terminal's own palette. */
  readonly color?: number;
  readonly bold?: true;
  readonly dim?: true;
  readonly inverse?: true;
}

// Yellow and blue are left out: each is unreadable on one of the two backgrounds.
const GREEN = 32;
const RED = 31;
const MAGENTA = 35;
const CYAN = 36;

const STYLES: Record<Tone, Style> = {
  plain: {},
  dim: { dim: true },
  strong: { bold: true },
  ok: { color: GREEN },
  bad: { color: RED, bold: true },
  warn: { color: MAGENTA, bold: true },
  info: { color: CYAN, bold: true },
  loud: { color: RED, bold: true, inverse: true },
  caret: { inverse: true },
};

/** Reads NO_COLOR (no-color.org: any value but empty), TERM and the locale. */
export function themeOf(env: Readonly<Record<string, string | undefined>>): Theme {
  const term = env.TERM ?? '';
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return {
    color: !env.NO_COLOR && term !== 'dumb',
    // The Linux console's usual fonts have no check marks; a locale that names another character set means it.
    ascii: term === 'dumb' || term === 'linux' || (locale !== '' && !/utf-?8/i.test(locale)),
  };
}

/**
 * A line as the terminal takes it: each part in its tone's SGR codes (ECMA-48 8.3.117). Done here and not by Ink, because
 * Ink looks at the process's own environment, and makes four nodes of every part.
 */
export function paint(theme: Theme, line: Line): string {
  let painted = '';
  for (const part of line) {
    const text = theme.ascii ? drawable(part.text) : part.text;
    const codes = theme.color ? COLOR_CODES[part.tone] : PLAIN_CODES[part.tone];
    painted += codes === null ? text : `${codes.open}${text}${codes.close}`;
  }
  return painted;
}

interface Codes {
  readonly open: string;
  readonly close: string;
}

const COLOR_CODES = codesOf(true);
const PLAIN_CODES = codesOf(false);

function codesOf(color: boolean): Record<Tone, Codes | null> {
  const entries = Object.entries(STYLES).map(([tone, style]) => [tone, codeOf(style, color)]);
  return Object.fromEntries(entries);
}

function codeOf({ color, bold, dim, inverse }: Style, isColor: boolean): Codes | null {
  const open = [bold && 1, dim && 2, inverse && 7, isColor && color].filter((code) => code);
  const close = [(bold || dim) && 22, inverse && 27, isColor && color && 39].filter((code) => code);
  return open.length === 0
    ? null
    : { open: `\u001b[${open.join(';')}m`, close: `\u001b[${close.join(';')}m` };
}

const ASCII_SIGNS: Readonly<Record<string, string>> = {
  '✓': '+',
  '✗': 'x',
  '›': '>',
  '‹': '<',
  '…': '~',
  '·': '-',
  '↓': 'v',
  '↑': '^',
  '─': '-',
  '—': '-',
  '‼': '!',
  '×': 'x',
  '←': '<',
  '→': '>',
};

/** The text in ASCII, in the same number of cells. */
function drawable(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, (sign) => ASCII_SIGNS[sign] ?? '?'.repeat(cells(sign)));
}
