import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** A file that steers a root process is read whole, so it has a bound. */
const TRUSTED_FILE_MAX_BYTES = 16_777_216;

export type TrustedFile =
  | { readonly kind: 'ok'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly error: string };

/**
 * Reads a file that steers the engine, and refuses it when somebody other than root or the reader could have written
 * it. Checks the open descriptor, so the file cannot be swapped between check and read.
 */
export function readTrustedFile(path: string): TrustedFile {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
    return { kind: 'refused', error: `${path}: cannot be opened (${code ?? String(error)})` };
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return { kind: 'refused', error: `${path}: is not a regular file` };
    const uid = process.geteuid?.() ?? 0;
    if (stat.uid !== 0 && stat.uid !== uid) {
      return {
        kind: 'refused',
        error: `${path}: belongs to user ${stat.uid}; it must belong to root: chown root ${path}`,
      };
    }
    if ((stat.mode & 0o022) !== 0) {
      return {
        kind: 'refused',
        error: `${path}: others can write to it; take that away: chmod go-w ${path}`,
      };
    }
    if (stat.size > TRUSTED_FILE_MAX_BYTES) {
      return { kind: 'refused', error: `${path}: is larger than ${TRUSTED_FILE_MAX_BYTES} bytes` };
    }
    return { kind: 'ok', text: readFileSync(fd, 'utf8') };
  } finally {
    closeSync(fd);
  }
}
