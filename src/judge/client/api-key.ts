import { readTrustedFile } from '../../files/trusted-file.ts';
import { assertNever } from '../../model/never.ts';

/** A longer file holds no key. */
const FILE_MAX_BYTES = 4_096;
/** What fits into a header, in one piece. */
const KEY = /^[\x21-\x7e]{1,1000}$/;
const QUOTED = /^(["'`]).*\1$/;

/** A key, null where none is given; or why it cannot be used, with the remedy and never with the key. */
export type ApiKey =
  | { readonly ok: true; readonly value: string | null }
  | { readonly ok: false; readonly error: string };

/**
 * Reads a key from a file that nobody but its owner, root or us, can read or write; else from a variable of the environment, where
 * nothing but spaces is no key. A link is followed, because secrets are handed out by links.
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
  const file = readTrustedFile(path, { maxBytes: FILE_MAX_BYTES, isSecret: true });
  switch (file.kind) {
    case 'ok':
      return keyOf(file.text, `${path}:`);
    case 'missing':
      return no(`${path}: is not there`);
    case 'refused':
      return no(file.error);
    default:
      return assertNever(file);
  }
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

function no(error: string): ApiKey {
  return { ok: false, error };
}
