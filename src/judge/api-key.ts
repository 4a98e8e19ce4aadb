import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** A longer file holds no key. */
const FILE_MAX_BYTES = 4_096;
/** What fits into a header, in one piece. */
const KEY = /^[\x21-\x7e]{1,1000}$/;

/** A key, null where none is given; or why it cannot be used, with the remedy and never with the key. */
export type ApiKey =
  | { readonly ok: true; readonly value: string | null }
  | { readonly ok: false; readonly error: string };

/**
 * Reads a key from a file that nobody but its owner, root or us, can read; else from a variable of the environment. Checks the open
 * descriptor, so the file cannot be swapped between check and read.
 */
export function readApiKey(
  file: string,
  variable: string,
  env: Readonly<Record<string, string | undefined>>,
): ApiKey {
  if (file !== '') return keyOfFile(file);
  const given = env[variable]?.trim() ?? '';
  if (given === '') return { ok: true, value: null };
  return KEY.test(given)
    ? { ok: true, value: given }
    : {
        ok: false,
        error: `the variable ${variable} holds no key: it must be one word of printable characters`,
      };
}

function keyOfFile(path: string): ApiKey {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return no(path, `cannot be opened (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
  try {
    const stat = fstatSync(fd);
    const uid = process.geteuid?.() ?? 0;
    if (!stat.isFile()) return no(path, 'is not a regular file');
    if (stat.uid !== 0 && stat.uid !== uid)
      return no(path, `belongs to user ${stat.uid}; it must belong to root: chown root ${path}`);
    if ((stat.mode & 0o077) !== 0)
      return no(path, `others can read or change it; take that away: chmod 600 ${path}`);
    if (stat.size > FILE_MAX_BYTES) return no(path, `is larger than ${FILE_MAX_BYTES} bytes`);
    const bytes = Buffer.alloc(FILE_MAX_BYTES);
    const key = bytes.toString('utf8', 0, readSync(fd, bytes, 0, FILE_MAX_BYTES, 0)).trim();
    if (key === '') return no(path, 'is empty');
    return KEY.test(key)
      ? { ok: true, value: key }
      : no(path, 'holds no key: it must be one word, alone in the file');
  } finally {
    closeSync(fd);
  }
}

function no(path: string, what: string): ApiKey {
  return { ok: false, error: `${path}: ${what}` };
}
