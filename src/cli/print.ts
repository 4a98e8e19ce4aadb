import { writeSync } from 'node:fs';

/** What may wait for a slow reader of standard output; what comes beyond is dropped and counted. */
const WAITING_MAX_CHARS = 4_194_304;
/** What may wait before items that can wait do. */
const PAUSE_CHARS = 65_536;
const REDRAW_MS = 250;

/** Exit codes of every command. */
export const EXIT = { done: 0, no: 1, usage: 2, cannot: 3 } as const;

/** An error that ends a command with a code of its own and one sentence for the reader. */
export class CommandError extends Error {
  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message);
  }
}

let waitingChars = 0;
const whenAllRead: (() => void)[] = [];
let dropped = 0;
let outlives = false;
let readerGone = false;

/** Writes a line to standard output; returns at once when the reader is slow. How many were dropped is told on standard error. */
export function print(line: string): void {
  if (readerGone) return;
  if (waitingChars > WAITING_MAX_CHARS) {
    dropped++;
    return;
  }
  // Counted here: in Bun 1.4 the stream tells no length, asks for no pause, and is done with '' before what it was given earlier.
  const text = `${line}\n`;
  waitingChars += text.length;
  process.stdout.write(text, () => written(text.length));
}

/** Settles when nothing that was printed waits for its reader any more. */
export function allRead(): Promise<void> {
  return waitingChars === 0 ? Promise.resolve() : new Promise((resolve) => whenAllRead.push(resolve));
}

/** So many characters are out. */
function written(chars: number): void {
  waitingChars -= chars;
  if (waitingChars > 0) return;
  for (const resolve of whenAllRead.splice(0)) resolve();
  if (dropped === 0) return;
  // Waits for nobody: whoever reads both may be slow here too.
  process.stderr.write(`resolagent: ${dropped} lines were dropped because the reader is slow\n`);
  dropped = 0;
}

/** Writes a value as one line of JSON. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}

/**
 * Writes items, one a line: as JSON when that is asked for, else as `text` says; `none` tells a person that there are none. Waits for
 * a slow reader, so that nothing is dropped.
 */
export async function printEach<T>(
  items: Iterable<T> | AsyncIterable<T>,
  json: boolean,
  text: (item: T) => string,
  none: string | null = null,
): Promise<void> {
  let isEmpty = true;
  for await (const item of items) {
    isEmpty = false;
    if (json) printJson(item);
    else print(text(item));
    if (waitingChars > PAUSE_CHARS) await allRead();
  }
  if (isEmpty && !json && none !== null) print(none);
}

/** Writes a line to standard error, at once. */
export function printError(line: string): void {
  try {
    writeSync(2, `resolagent: ${line}\n`);
  } catch {
    // With standard error closed there is nobody left to tell.
  }
}

/** Draws a line on standard error over the one drawn before, cut to the terminal; null erases it. Nothing without a terminal. */
export function drawOver(line: string | null): void {
  if (process.stderr.isTTY !== true) return;
  const room = Math.max(1, (process.stderr.columns || 80) - 1);
  process.stderr.write(`\r\u001b[K${(line ?? '').slice(0, room)}`);
}

/** Waits for something long, and counts the seconds on standard error when that is a terminal. */
export async function withWaiting<T>(what: string, work: Promise<T>): Promise<T> {
  const since = performance.now();
  const draw = () => drawOver(`${what}: ${Math.floor((performance.now() - since) / 1_000)} s`);
  draw();
  const timer = setInterval(draw, REDRAW_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    drawOver(null);
  }
}

/** Ends quietly when the reader of standard output goes away (`resolagent log | head`). */
export function endOnBrokenPipe(): void {
  // A reader of both that went away is told of once, by the other.
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (outlives && !readerGone) printError('nobody reads standard output any more; going on without it');
    readerGone = outlives;
    if (!outlives && error.code === 'EPIPE') process.exit(EXIT.done);
  });
}

/** From now on the process outlives the reader of standard output: an engine must not end for want of a log. */
export function outliveReader(): void {
  outlives = true;
}

/** Whether colours may be used on standard output (no-color.org). */
function wantsColor(): boolean {
  const { NO_COLOR, TERM } = process.env;
  return process.stdout.isTTY === true && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
}

const CODES = { plain: null, ok: 32, bad: 31, warn: 33, info: 36, dim: 2, strong: 1 } as const;

/** Colours text when that is wanted. */
export function paint(text: string, tone: keyof typeof CODES): string {
  const code = CODES[tone];
  return code !== null && wantsColor() ? `\u001b[${code}m${text}\u001b[0m` : text;
}
