import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** More than this much output of a program is cut off with the program itself. */
const MAX_OUTPUT_BYTES = 4_194_304;
const SYSTEM_DIRS = ['/usr/sbin', '/sbin', '/usr/bin', '/bin', '/usr/local/sbin'];
const OTHERS_MAY_WRITE = 0o022;
const ENV = { PATH: SYSTEM_DIRS.join(':'), LC_ALL: 'C' };

export interface ProgramResult {
  /** Null when it was ended by a signal, `timedOut` included. */
  readonly code: number | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramInput {
  /** Absolute; see `systemProgram`. */
  readonly path: string;
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly timeoutMs: number;
}

/** Runs one program with a fixed environment, no shell and a time limit, and waits for it. Throws when it cannot be started. */
export async function runProgram(input: ProgramInput): Promise<ProgramResult> {
  const child = Bun.spawn([input.path, ...input.args], {
    stdin: input.stdin === undefined ? 'ignore' : new TextEncoder().encode(input.stdin),
    stdout: 'pipe',
    stderr: 'pipe',
    env: ENV,
    cwd: '/',
    maxBuffer: MAX_OUTPUT_BYTES,
    killSignal: 'SIGKILL',
  });
  const [stdout, stderr] = [child.stdout.getReader(), child.stderr.getReader()];
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
    // A child of the program may hold the pipes open for longer than the program lives.
    void stdout.cancel();
    void stderr.cancel();
  }, input.timeoutMs);
  try {
    const [out, err] = await Promise.all([textOf(stdout), textOf(stderr), child.exited]);
    const code = child.signalCode === null ? child.exitCode : null;
    return { code, timedOut, stdout: out, stderr: err };
  } finally {
    clearTimeout(timer);
  }
}

async function textOf(reader: {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
}): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    text += decoder.decode(piece.value, { stream: true });
  }
  return text + decoder.decode();
}

/** What went wrong, in the program's own words, on one line. */
export function programError(result: ProgramResult): string {
  if (result.timedOut) return 'did not end in time';
  const words = (result.stderr.trim() || result.stdout.trim()).replace(/\s*\n\s*/g, '; ');
  return words !== '' ? words : result.code === null ? 'was killed' : `exit code ${result.code}`;
}

/**
 * Finds a program in the system's own folders. Null when there is none, or when somebody other than root could replace it:
 * it or a folder above it is not root's, or may be written by group or others.
 */
export function systemProgram(name: string, dirs: readonly string[] = SYSTEM_DIRS): string | null {
  for (const dir of dirs) {
    const path = trustedPath(`${dir}/${name}`);
    if (path !== null) return path;
  }
  return null;
}

/** What a path leads to. Null when there is nothing, or when somebody other than root could replace it, as `systemProgram` says. */
export function trustedPath(path: string): string | null {
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    return null; // Not there: the next folder may have it.
  }
  for (let at = real; ; at = dirname(at)) {
    const stat = statSync(at, { throwIfNoEntry: false });
    if (stat === undefined || stat.uid !== 0 || (stat.mode & OTHERS_MAY_WRITE) !== 0) return null;
    if (at === '/') return real;
  }
}
