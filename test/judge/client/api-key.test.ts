import { afterAll, beforeAll, expect, test } from 'bun:test';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readApiKey } from '../../../src/judge/client/api-key.ts';

const KEY = 'sk-0123456789-ABCdef_~!';
const isRoot = process.geteuid?.() === 0;
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'resolagent-key-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array, mode = 0o600): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}
const read = (path: string): ReturnType<typeof readApiKey> => readApiKey(path, 'KEY', {});
const is = (value: string | null): object => ({ ok: true, value });
const no = (words: RegExp): unknown => ({ ok: false, error: expect.stringMatching(words) });

const CONTENTS: readonly [string, string | Uint8Array, unknown][] = [
  ['alone', KEY, is(KEY)],
  ['with a line end', `${KEY}\n`, is(KEY)],
  ['with CRLF', `${KEY}\r\n`, is(KEY)],
  ['with spaces and empty lines', `\n\t ${KEY} \n\n`, is(KEY)],
  ['with a byte order mark', `\ufeff${KEY}\n`, is(KEY)],
  ['of one letter', 'x', is('x')],
  ['as long as any', 'k'.repeat(1_000), is('k'.repeat(1_000))],
  ['longer than any', 'k'.repeat(1_001), no(/holds no key/)],
  ['and another', `${KEY}\n${KEY}2\n`, no(/holds no key: it must be one word/)],
  ['after a word', `Bearer ${KEY}`, no(/holds no key/)],
  ['in quotes', `"${KEY}"\n`, no(/in quotes; take them away/)],
  ['in single quotes', `'${KEY}'`, no(/in quotes/)],
  ['with letters that no header takes', `${KEY}é`, no(/printable ASCII/)],
  ['with a control character', `${KEY}\u0007`, no(/holds no key/)],
  ['with a line end inside', `${KEY.slice(0, 9)}\r\nx-evil: ${KEY.slice(9)}`, no(/holds no key/)],
  ['with bytes that are no text', new Uint8Array([0x73, 0x6b, 0xff, 0xfe]), no(/holds no key/)],
  ['in UTF-16', Buffer.from(`\ufeff${KEY}`, 'utf16le'), no(/holds no key/)],
  ['that is missing', '', no(/is empty/)],
  ['of spaces', ' \r\n\t', no(/is empty/)],
  ['in a file of 4096 bytes', `${KEY}${'\n'.repeat(4_096 - KEY.length)}`, is(KEY)],
  ['in a file of 4097 bytes', `${KEY}${'\n'.repeat(4_097 - KEY.length)}`, no(/is larger than 4096 bytes/)],
];

test.each(CONTENTS)('a key %s', (name, content, expected) => {
  const path = file(name.replaceAll(' ', '-'), content);
  const found = read(path);
  expect(found).toEqual(expected as never);
  if (found.ok) return;
  expect(found.error).toStartWith(`${path}: `);
  expect(found.error).not.toContain(KEY.slice(0, 8));
});

test.each([0o600, 0o400, 0o200, 0o700])('a file of mode %o is private', (mode) => {
  // Without root a file that is only written cannot be opened.
  if (!isRoot && (mode & 0o400) === 0) return;
  expect(read(file(`private-${mode}`, KEY, mode))).toEqual(is(KEY) as never);
});

test.each([0o640, 0o604, 0o660, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666, 0o777])(
  'a file of mode %o is not',
  (mode) => {
    expect(read(file(`open-${mode}`, KEY, mode))).toEqual(
      no(/others can read or change it; take that away: chmod 600 /) as never,
    );
  },
);

test.if(isRoot)('a file of another user is refused, whoever can read it', () => {
  const path = file('theirs', KEY);
  chownSync(path, 12_345, 0);
  expect(read(path)).toEqual(no(/belongs to user 12345; it must belong to root: chown root /) as never);
});

test('a link is followed, and what it leads to is checked', () => {
  const link = (to: string, name: string): string => {
    symlinkSync(to, join(dir, name));
    return join(dir, name);
  };
  expect(read(link(file('target', KEY), 'link'))).toEqual(is(KEY) as never);
  expect(read(link('link', 'link-to-link'))).toEqual(is(KEY) as never);
  expect(read(link(file('open', KEY, 0o644), 'link-to-open'))).toEqual(no(/chmod 600/) as never);
  expect(read(link('nowhere', 'dangling'))).toEqual(no(/is not there/) as never);
  expect(read(link('loop', 'loop'))).toEqual(no(/cannot be opened \(ELOOP\)/) as never);
  linkSync(join(dir, 'target'), join(dir, 'hard'));
  expect(read(join(dir, 'hard'))).toEqual(is(KEY) as never);
});

test('what is no file is refused, and nothing is waited for', () => {
  mkdirSync(join(dir, 'folder'), { mode: 0o700 });
  expect(Bun.spawnSync(['mkfifo', '-m', '600', join(dir, 'pipe')]).exitCode).toBe(0);
  for (const path of [join(dir, 'folder'), join(dir, 'pipe'), '/dev/zero', '/dev/null']) {
    expect(read(path)).toEqual(no(/: is not a regular file$/) as never);
  }
  expect(read(join(dir, 'missing'))).toEqual(no(/: is not there$/) as never);
  expect(read(join(dir, 'folder', 'x', 'y'))).toEqual(no(/: is not there$/) as never);
  expect(read(join(dir, 'target', 'x'))).toEqual(no(/: is not there$/) as never);
  expect(read('a\0b')).toEqual(no(/cannot be opened/) as never);
});

test('a file without end is not read', () => {
  const path = file('huge', KEY);
  truncateSync(path, 1_000_000_000_000);
  expect(read(path)).toEqual(no(/is larger than 4096 bytes/) as never);
});

const VARIABLES: readonly [string, string | undefined, unknown][] = [
  ['that is not set', undefined, is(null)],
  ['that is empty', '', is(null)],
  ['of spaces', ' \t\n', is(null)],
  ['with a key', KEY, is(KEY)],
  ['with a key and spaces', ` ${KEY}\r\n`, is(KEY)],
  ['with a key in quotes', `"${KEY}"`, no(/^the variable KEY holds a key in quotes; take them away$/)],
  ['with two words', `Bearer ${KEY}`, no(/^the variable KEY holds no key: it must be one word/)],
  ['with two lines', `${KEY}\n${KEY}`, no(/holds no key/)],
  ['with other letters', 'schlüssel', no(/holds no key/)],
  ['that is huge', 'k'.repeat(100_000), no(/holds no key/)],
];

test.each(VARIABLES)('a variable %s', (_, value, expected) => {
  const found = readApiKey('', 'KEY', { KEY: value, OTHER: 'x' });
  expect(found).toEqual(expected as never);
  expect(JSON.stringify(found.ok ? '' : found.error)).not.toContain(KEY.slice(0, 8));
});

test('a file that is named counts alone: one that cannot be used is not made up for by the variable', () => {
  expect(readApiKey(join(dir, 'missing'), 'KEY', { KEY })).toEqual(no(/is not there/) as never);
  expect(readApiKey(file('own', 'from-file'), 'KEY', { KEY })).toEqual(is('from-file') as never);
});
