import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeAtomically } from '../files/atomic-file.ts';
import { trustedPath } from '../system/run-program.ts';

/** Where the program is put when it lies where people work; on a Mac /usr/local/bin may belong to a person. */
export const PROGRAM_COPY =
  process.platform === 'darwin'
    ? '/Library/Application Support/Resolagent/resolagent'
    : '/usr/local/bin/resolagent';
const PROGRAM_FOLDERS = ['/usr/', '/bin/', '/sbin/', '/opt/', '/nix/store/', dirname(PROGRAM_COPY)];

/**
 * The program that a service shall start at every boot: this one where it lies among the machine's programs and only root can replace
 * it, else the copy. Throws with the remedy when others could replace the copy.
 */
export function serviceProgram(program: string): { readonly path: string; readonly isCopied: boolean } {
  const real = trustedPath(program);
  if (real !== null && PROGRAM_FOLDERS.some((folder) => real.startsWith(folder))) {
    return { path: real, isCopied: false };
  }
  const folder = dirname(PROGRAM_COPY);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (trustedPath(folder) === null) {
    const why = `others than root may write to ${folder} or a folder above it, and so could replace the firewall`;
    throw new Error(`${why}; take that away (chmod go-w), or run it from a folder of root's below /opt`);
  }
  writeAtomically(PROGRAM_COPY, readFileSync(realpathSync(program)), 0o755);
  return { path: PROGRAM_COPY, isCopied: true };
}

/** Whether something is there already that a copy would replace. */
export function copyExists(): boolean {
  return existsSync(PROGRAM_COPY);
}
