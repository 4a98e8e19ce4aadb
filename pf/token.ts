import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeAtomically } from '../src/files/atomic-file.ts';
import { isToken } from './parse.ts';

/** Where the token of our reference to pf is kept. Gone after a restart of the machine, as the reference is. */
export const TOKEN_FILE = '/var/run/resolagent/pf.token';

/** The token of the engine that installed the rules last; null when there is no file or it holds something else. */
export function readToken(file: string): string | null {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return isToken(text) ? text : null;
  } catch {
    return null; // No file: no engine has installed rules since the machine started, or they were removed.
  }
}

/** Writes the token for root alone, all or nothing. Throws with the path when it cannot. */
export function writeToken(file: string, token: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  writeAtomically(file, token);
}

/** Deletes the file; no error when there is none. */
export function removeToken(file: string): void {
  rmSync(file, { force: true });
}
