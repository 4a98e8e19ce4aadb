import { afterAll, expect, test } from 'bun:test';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULTS } from '../../src/config/defaults.ts';
import { keyLines } from '../../src/config/key-line.ts';
import { loadConfig } from '../../src/config/load.ts';
import { configSchema } from '../../src/config/schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'resolagent-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, `${Bun.hash(text)}.toml`);
  writeFileSync(path, text, { mode: 0o644 });
  return path;
}

function errorsOf(text: string): string {
  const path = file(text);
  const loaded = loadConfig(path, true);
  if (loaded.ok) throw new Error('expected errors');
  return loaded.errors.join('\n').replaceAll(path, 'F');
}

test('an empty file gives the defaults', () => {
  const loaded = loadConfig(file(''), true);
  expect(loaded).toEqual({ ok: true, value: configSchema.parse(DEFAULTS) });
});

test('a missing file gives the defaults unless it was named', () => {
  expect(loadConfig(join(folder, 'none.toml'), false).ok).toBe(true);
  expect(loadConfig(join(folder, 'none.toml'), true)).toEqual({
    ok: false,
    errors: [`${join(folder, 'none.toml')}: no such file`],
  });
});

test.each([
  ['a syntax error by line', '[proxy]\nport = = 3\n', /^F:2: /],
  [
    'a wrong type by line, key and value',
    '\n[proxy]\nport = "x"\n',
    /^F:3: proxy\.port: .*number.*, found "x"$/,
  ],
  ['a number out of range', '[proxy]\n\nport = 70000\n', /^F:3: proxy\.port: .*65535, found 70000$/],
  ['an unknown key', '[policy]\nmode = "enforce"\nmood = 1\n', /^F:3: policy\.mood: is not a known key$/],
  ['an unknown table', '[polcy]\nmode = "enforce"\n', /^F:1: polcy: is not a known key$/],
  [
    'a wrong word with the words there are',
    'policy.mode = "off"',
    /^F:1: policy\.mode: .*"permissive".*, found "off"$/,
  ],
  [
    'a mapped range that is none',
    '[intercept]\nskip = ["10.0.0.0/8", "::ffff:10.0.0.0/90"]',
    /^F:2: intercept\.skip\.1: .*write it as IPv4/,
  ],
  ['an array entry', '[intercept]\nskip = ["10.0.0.0/8", "x"]', /^F:2: intercept\.skip\.1: .*, found "x"$/],
  [
    'a weight below zero',
    '[trust.weights]\nage = 1\nbrand = -0.5\n',
    /^F:3: trust\.weights\.brand: .*>=0, found -0\.5$/,
  ],
  [
    'a signal that is none',
    '[trust.weights]\nvibes = 1\n',
    /^F:2: trust\.weights\.vibes: is not a known key$/,
  ],
  [
    'weights that leave nothing',
    '[trust.weights]\nage = 0\nentropy = 0\nbrand = 0\ntld = 0\nkeywords = 0\nsubdomains = 0\nlength = 0\n',
    /^F:1: trust\.weights: at least one signal needs a weight above 0, found /,
  ],
  [
    'a tolerance past its scale',
    '[entropy]\ntolerance = 5.5\n',
    /^F:2: entropy\.tolerance: .*<=5, found 5\.5$/,
  ],
  [
    'an entry of an array of tables',
    '[[lists.files]]\npath="a"\n[[lists.files]]\npath=3',
    /^F:4: lists\.files\.1\.path: /,
  ],
])('names %s', (_name, text, expected) => {
  expect(errorsOf(text)).toMatch(expected);
});

test('a wrong address of the judge says what one looks like, without its password or the key in its query', () => {
  const judge = (line: string) => errorsOf(`[judge]\n${line}\n`);
  expect(judge('apiUrl = "localhost:1234"')).toBe(
    'F:2: judge.apiUrl: expected an address such as http://127.0.0.1:1234/v1, found "localhost:1234"',
  );
  expect(judge('apiUrl = "http://me:sesa/me@h.example/v1"')).not.toContain('sesa');
  expect(judge('apiUrl = "http://me:sesame@h.example/v1"')).toBe(
    'F:2: judge.apiUrl: expected no password, query or fragment, found "http://…@h.example/v1"',
  );
  expect(judge('apiUrl = "https://h.example/v1?key=sesame"')).toBe(
    'F:2: judge.apiUrl: expected no password, query or fragment, found "https://h.example/v1?…"',
  );
  expect(judge('dnsUrl = "http://h.example/dns-query"')).toContain('begins with https://');
});

test.each([
  ['http://127.0.0.1:1234/v1/chat/completions', 'http://127.0.0.1:1234/v1'],
  ['https://h.example/api/v1/chat/completions/', 'https://h.example/api/v1'],
  ['https://h.example/v1/completions', 'https://h.example/v1'],
  ['https://h.example/chat/completions', 'https://h.example'],
  ['https://h.example/v1/', 'https://h.example/v1/'],
  ['https://h.example/completions.v1', 'https://h.example/completions.v1'],
])('the address %s of the judge is %s', (written, apiUrl) => {
  expect(loadConfig(file(`[judge]\napiUrl = "${written}"`), true)).toMatchObject({
    ok: true,
    value: { judge: { apiUrl } },
  });
});

test('a key file is named by its whole path: the engine has no folder of its own', () => {
  expect(errorsOf('judge.apiKeyFile = "judge.key"')).toContain(
    'F:1: judge.apiKeyFile: expected an absolute path',
  );
  expect(loadConfig(file('judge.apiKeyFile = ""\njudge.virustotalKeyFile = "/k"'), true).ok).toBe(true);
});

test('names every error, not only the first', () => {
  expect(errorsOf('[proxy]\nport = 0\nsniffWaitMs = "a"\nx = 1\n').split('\n')).toHaveLength(3);
});

test('refuses a file that others can write', () => {
  const path = file('# writable');
  chmodSync(path, 0o666);
  const loaded = loadConfig(path, true);
  expect(loaded.ok ? '' : loaded.errors[0]).toContain('chmod go-w');
});

test('finds a key under dotted, quoted and nested tables', () => {
  const text = 'a.b = 1\n["c".d]\n"e" = 2\n[[f]]\ng = 1\n[[f]]\ng = 2\n';
  const paths = [['a', 'b'], ['c', 'd', 'e'], ['f', 1, 'g'], ['c', 'd', 'missing'], ['nowhere']];
  expect(keyLines(text, paths)).toEqual([1, 3, 7, 2, 1]);
});
