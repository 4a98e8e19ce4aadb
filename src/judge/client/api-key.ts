import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** A longer file holds no key. */
const FILE_MAX_BYTES = 4_096;
/** What fits into a header, in one piece. */
const KEY = /^[\x21-\x7e]{1,1000}$/;
const QUOTED = /^(["'`]).*\1$/;
const OTHERS_MAY = 0o077;

/** A key, null where none is given; or why it cannot be used, with the remedy and never with the key. */
export type ApiKey =
  | { readonly ok: true; readonly value: string | null }
  | { readonly ok: false; readonly error: string };

/**
 * Reads a key from a file that nobody but its owner, root or us, can read or write; else from a variable of the environment, where
 * nothing but spaces is no key. A link is followed, and what it leads to is checked: secrets are handed out by links. What is checked is
 * the open descriptor, so the file cannot be swapped between check and read.
 */
export function readApiKey(
  file: string,
  variable: string,
  env: Readonly<Record<string, string | undefined>>,
): ApiKey {
  if (file !== '') return keyOfFile(file);
  const given = env[variable] ?? '';
  return given.trim() === '' ? { ok: true, value: null } : keyOf(given, `the variable ${variable}`);
}

function keyOfFile(path: string): ApiKey {
  let fd: number;
  try {
    // A pipe without a writer is not waited for.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return no(
      `${path}: ${codeOf(error) === 'ENOENT' ? 'is not there' : `cannot be opened (${codeOf(error)})`}`,
    );
  }
  try {
    const fault = faultOf(fd, path);
    return fault === null ? keyOf(contentOf(fd), `${path}:`) : no(`${path}: ${fault}`);
  } catch (error) {
    return no(`${path}: cannot be read (${codeOf(error)})`);
  } finally {
    closeSync(fd);
  }
}

/** Why an open file is no place for a key. */
function faultOf(fd: number, path: string): string | null {
  const stat = fstatSync(fd);
  const { uid, mode, size } = stat;
  if (!stat.isFile()) return 'is not a regular file';
  if (uid !== 0 && uid !== process.geteuid?.()) {
    return `belongs to user ${uid}; it must belong to root: chown root ${path}`;
  }
  if ((mode & OTHERS_MAY) !== 0) return `others can read or change it; take that away: chmod 600 ${path}`;
  return size > FILE_MAX_BYTES ? `is larger than ${FILE_MAX_BYTES} bytes` : null;
}

function contentOf(fd: number): string {
  const bytes = Buffer.alloc(FILE_MAX_BYTES);
  return bytes.toString('utf8', 0, readSync(fd, bytes, 0, FILE_MAX_BYTES, 0));
}

/** The one word of a text; spaces, line ends and a byte order mark around it do not count. */
function keyOf(text: string, where: string): ApiKey {
  const key = text.trim();
  if (key === '') return no(`${where} is empty`);
  if (QUOTED.test(key)) return no(`${where} holds a key in quotes; take them away`);
  return KEY.test(key)
    ? { ok: true, value: key }
    : no(`${where} holds no key: it must be one word of printable ASCII characters, and nothing else`);
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

function no(error: string): ApiKey {
  return { ok: false, error };
}
