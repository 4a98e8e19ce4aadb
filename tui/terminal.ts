import { writeSync } from 'node:fs';
import { cleanText } from '../src/model/clean.ts';

const WRAP_OFF = '\u001b[?7l';
const WRAP_ON = '\u001b[?7h';
const PASTE_MARKS_OFF = '\u001b[?2004l';
const BELL = '\u0007';
const NOTICE_MAX_CHARS = 100;
const PLAIN = '\u001b[0m';
const SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;

/** The stream that a terminal is written through. */
export type Terminal = NodeJS.WriteStream & { readonly fd: number };

/** The terminal as the screen has acquired it. */
export interface AcquiredTerminal {
  /** Gives it back as it was; harmless when called again. */
  release(): void;
  /** Calls for a person: a bell, or a desktop notification (OSC 9, as in iTerm2) where the terminal knows it. */
  notify(how: 'bell' | 'desktop', text: string): void;
}

/** What may end the screen from outside. */
export interface Interruptions {
  /** A signal came, or the terminal went away. */
  readonly hungUp: () => void;
  /** An exception or rejection that nobody caught. */
  readonly failed: (error: Error) => void;
}

/**
 * Switches off automatic line wrap, so that a name whose width the terminal counts otherwise than we do is clipped at the
 * edge and can never push the lines below it out of place; and sees to it that wrap, echo and line mode come back however
 * the process ends. Ink leaves the alternate screen and shows the cursor itself.
 */
export function acquireTerminal(
  stdin: NodeJS.ReadStream,
  stdout: Terminal,
  { hungUp, failed }: Interruptions,
): AcquiredTerminal {
  const fail = (cause: unknown) => failed(cause instanceof Error ? cause : new Error(String(cause)));
  let isAcquired = true;
  const release = () => {
    if (!isAcquired) return;
    isAcquired = false;
    process.off('exit', release).off('uncaughtException', fail).off('unhandledRejection', fail);
    for (const signal of SIGNALS) process.off(signal, hungUp);
    stdin.off('end', hungUp);
    stdout.off('error', hungUp);
    restore(stdin, stdout);
  };
  process.on('exit', release).on('uncaughtException', fail).on('unhandledRejection', fail);
  for (const signal of SIGNALS) process.on(signal, hungUp);
  stdin.on('end', hungUp);
  stdout.on('error', hungUp);
  writeNow(stdout, WRAP_OFF);
  const notify: AcquiredTerminal['notify'] = (how, text) => {
    // Through the stream that Ink draws on, so that it comes between two frames and never inside one. It moves no cursor.
    if (isAcquired) stdout.write(how === 'bell' ? BELL : notification(text));
  };
  return { release, notify };
}

/** OSC 9. The text begins with our name: one that began with a digit and `;` would be another command (ConEmu's). */
function notification(text: string): string {
  return `\u001b]9;${cleanText(`resolagent: ${text}`, NOTICE_MAX_CHARS)}${BELL}`;
}

function restore(stdin: NodeJS.ReadStream, stdout: Terminal): void {
  try {
    // At exit nothing asynchronous runs any more: Ink's own return from raw mode, a microtask, would be lost.
    if (stdin.isTTY) stdin.setRawMode(false);
  } catch {
    // The terminal is gone: it has no mode to go back to.
  }
  writeNow(stdout, WRAP_ON + PASTE_MARKS_OFF + PLAIN);
}

function writeNow(stdout: Terminal, text: string): void {
  try {
    writeSync(stdout.fd, text);
  } catch {
    // The terminal is gone: there is nothing left to restore, and nowhere to say so.
  }
}
