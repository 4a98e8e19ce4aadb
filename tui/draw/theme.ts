import { cells, type Line, type Tone } from './text.ts';

/** How the screen may draw on this terminal. */
export interface Theme {
  /** False with NO_COLOR or a terminal that has none; bold, dim and inverse stay. */
  readonly color: boolean;
  /** True where signs outside ASCII cannot be trusted to be drawn. */
  readonly ascii: boolean;
}

// SGR codes (ECMA-48 8.3.117). Of the terminal's own palette, yellow and blue are left out: each is unreadable on one of the two backgrounds.
const BOLD = 1;
const DIM = 2;
const INVERSE = 7;
const RED = 31;
const GREEN = 32;
const MAGENTA = 35;
const CYAN = 36;

const STYLES: Record<Tone, readonly number[]> = {
  plain: [],
  dim: [DIM],
  strong: [BOLD],
  ok: [GREEN],
  bad: [BOLD, RED],
  warn: [BOLD, MAGENTA],
  info: [BOLD, CYAN],
  loud: [BOLD, INVERSE, RED],
  caret: [INVERSE],
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
 * A line as the terminal takes it: each part in its tone's codes. Done here and not by Ink, because Ink looks at the process's own
 * environment, and makes four nodes of every part.
 */
export function paint(theme: Theme, line: Line): string {
  const codes = theme.color ? COLOR_CODES : PLAIN_CODES;
  let painted = '';
  for (const { text, tone } of line) {
    const [open, close] = codes[tone];
    painted += `${open}${theme.ascii ? drawable(text) : text}${close}`;
  }
  return painted;
}

/** What begins a tone, and what ends it; empty where it has no codes. */
type Codes = readonly [open: string, close: string];

const COLOR_CODES = codesOf((code) => code > 0);
const PLAIN_CODES = codesOf((code) => code <= INVERSE);

function codesOf(isDrawn: (code: number) => boolean): Record<Tone, Codes> {
  const entries = Object.entries(STYLES).map(([tone, style]): [string, Codes] => {
    const open = style.filter(isDrawn);
    const close = new Set(open.map((code) => (code <= DIM ? 22 : code === INVERSE ? 27 : 39)));
    return [tone, [sgr(open), sgr([...close])]];
  });
  return Object.fromEntries(entries) as Record<Tone, Codes>;
}

function sgr(codes: readonly number[]): string {
  return codes.length === 0 ? '' : `\u001b[${codes.join(';')}m`;
}

const ASCII_SIGNS: Readonly<Record<string, string>> = {
  ...{ '✓': '+', '✗': 'x', '›': '>', '‹': '<', '…': '~', '·': '-', '↓': 'v', '↑': '^' },
  ...{ '─': '-', '—': '-', '‼': '!', '×': 'x', '←': '<', '→': '>' },
};

/** The text in ASCII, in the same number of cells. */
function drawable(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, (sign) => ASCII_SIGNS[sign] ?? '?'.repeat(cells(sign)));
}
