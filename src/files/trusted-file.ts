import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { isOwn, othersMayUse, othersMayWrite } from './ownership.ts';

/** A file that steers a root process is read whole, so it has a bound. */
const TRUSTED_FILE_MAX_BYTES = 16_777_216;

export type TrustedFile =
  | { readonly kind: 'ok'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly error: string };

export interface TrustedFileOptions {
  /** A larger file is refused. */
  readonly maxBytes?: number;
  /** Nobody else may read it either. */
  readonly isSecret?: boolean;
}

/**
 * Reads a file that steers the engine, and refuses it when somebody other than root or the reader could have written
 * it. A link is followed, and what it leads to is checked: the open descriptor, so that the file cannot be swapped between check
 * and read. Errors are for a person, and begin with the path.
 */
export function readTrustedFile(path: string, options: TrustedFileOptions = {}): TrustedFile {
  let fd: number;
  try {
    // A pipe without a writer is not waited for.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
    return { kind: 'refused', error: `${path}: cannot be opened (${code})` };
  }
  try {
    const fault = faultOf(fd, path, options);
    if (fault !== null) return { kind: 'refused', error: `${path}: ${fault}` };
    return { kind: 'ok', text: readFileSync(fd, 'utf8') };
  } catch (error) {
    return { kind: 'refused', error: `${path}: cannot be read (${codeOf(error)})` };
  } finally {
    closeSync(fd);
  }
}

function faultOf(
  fd: number,
  path: string,
  { maxBytes = TRUSTED_FILE_MAX_BYTES, isSecret = false }: TrustedFileOptions,
): string | null {
  const stat = fstatSync(fd);
  if (!stat.isFile()) return 'is not a regular file';
  if (!isOwn(stat)) return `belongs to user ${stat.uid}; it must belong to root: chown root ${path}`;
  if (isSecret && othersMayUse(stat))
    return `others can read or change it; take that away: chmod 600 ${path}`;
  if (othersMayWrite(stat)) return `others can write to it; take that away: chmod go-w ${path}`;
  return stat.size > maxBytes ? `is larger than ${maxBytes} bytes` : null;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
