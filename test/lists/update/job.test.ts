import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { DownloadState } from '../../../src/lists/list-state.ts';
import { readDiff } from '../../../src/lists/update/diff.ts';
import { DOWNLOAD_LIMITS, type DownloadLimits } from '../../../src/lists/update/download.ts';
import { runUpdate, sourcePath, type UpdateJob } from '../../../src/lists/update/job.ts';
import { sourceSchema } from '../../../src/lists/update/sources.ts';
import { HostileServer, head } from '../hostile-server.ts';

const LIMITS: DownloadLimits = { ...DOWNLOAD_LIMITS, connectMs: 2_000, idleMs: 2_000, totalMs: 5_000 };
const GOOD = Array.from({ length: 100 }, (_, i) => `good${i}.example\n`).join('');

let server: HostileServer;
const folders: string[] = [];
beforeAll(async () => {
  server = await new HostileServer().start();
});
afterAll(() => server.stop());
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'resolagent-update-'));
  folders.push(folder);
  return folder;
}

function job(url: string, more: Partial<UpdateJob> & { readonly expected?: number } = {}): UpdateJob {
  const source = sourceSchema.parse({ name: 'feed', category: 'malware', url, expected: more.expected ?? 0 });
  return {
    folder: newFolder(),
    source,
    before: null,
    force: false,
    allowPrivate: true,
    limits: LIMITS,
    nowMs: 1_000,
    ...more,
  };
}

const update = (one: UpdateJob) => runUpdate(one, () => {});
const content = (one: UpdateJob) => readFileSync(sourcePath(one.folder, 'feed'), 'utf8');

/** A job whose list was updated well once, so that there is something to lose. */
async function established(): Promise<{ folder: string; before: DownloadState; url: string }> {
  const url = server.serve('/list', GOOD, { etag: '"one"' });
  const first = job(url);
  const { state, outcome } = await update(first);
  expect(outcome).toBe('updated');
  return { folder: first.folder, before: state, url };
}

test('downloads a list and tells how many entries it has and what is new', async () => {
  const one = job(server.serve('/new', GOOD));
  const result = await update(one);
  expect(result).toMatchObject({ outcome: 'updated', entries: 100, added: 100, removed: 0, error: null });
  expect(content(one)).toBe(GOOD);
  expect(readDiff(one.folder, 'feed')?.added.names[0]).toBe('good0.example');
});

test('asks with the validators of what it has, and takes no for an answer', async () => {
  const { folder, before, url } = await established();
  server.on('/list', (socket, seen) => {
    expect(seen.headers.get('if-none-match')).toBe('"one"');
    socket.end(head(304, {}));
  });
  const again = job(url, { folder, before, nowMs: 2_000 });
  expect(await update(again)).toMatchObject({
    outcome: 'unchanged',
    entries: 100,
    state: { checkedAt: 2_000, fetchedAt: 1_000 },
  });
});

test('shows what an update added and removed', async () => {
  const { folder, before, url } = await established();
  server.serve('/list', `${GOOD.replace('good0.example\n', '')}brand-new.example\n`);
  const again = job(url, { folder, before });
  expect(await update(again)).toMatchObject({ outcome: 'updated', added: 1, removed: 1 });
  expect(readDiff(folder, 'feed')).toMatchObject({
    added: { count: 1, names: ['brand-new.example'] },
    removed: { count: 1, names: ['good0.example'] },
  });
});

// One deflated member as `zip -` writes it, sizes in the local header.
function zipOf(name: string, text: string): Uint8Array {
  const data = Bun.deflateSync(Buffer.from(text), { windowBits: -15 });
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(20, 4);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(data.length, 18);
  local.writeUInt16LE(name.length, 26);
  return Buffer.concat([
    local,
    Buffer.from(name),
    data,
    Buffer.from('PK\u0001\u0002 the directory, which is not read'),
  ]);
}

test.each<[string, Uint8Array, Record<string, string>]>([
  ['gzip on the way', gzipSync(GOOD), { 'content-encoding': 'gzip' }],
  ['zstd on the way', zstdCompressSync(GOOD), { 'content-encoding': 'zstd' }],
  ['a gzip file', gzipSync(GOOD), {}],
  ['a zstd file', zstdCompressSync(GOOD), {}],
  ['a zip file', zipOf('top-1m.csv', GOOD), {}],
  ['a gzip file, gzip on the way', gzipSync(gzipSync(GOOD)), { 'content-encoding': 'gzip' }],
])('unpacks %s', async (_, body, headers) => {
  const one = job(server.serve('/packed', body, headers));
  expect(await update(one)).toMatchObject({ outcome: 'updated', entries: 100, error: null });
  expect(content(one)).toBe(GOOD);
});

test('reads a chunked answer and one that ends with the connection', async () => {
  const half = GOOD.length / 2;
  const chunked = job(
    server.on('/chunked', (socket) => {
      const chunk = (text: string) => `${text.length.toString(16)};x=y\r\n${text}\r\n`;
      socket.end(
        `${head(200, { 'transfer-encoding': 'chunked' })}${chunk(GOOD.slice(0, half))}${chunk(GOOD.slice(half))}0\r\nx: y\r\n\r\n`,
      );
    }),
  );
  expect(await update(chunked)).toMatchObject({ outcome: 'updated', entries: 100 });
  const closed = job(server.on('/closed', (socket) => void socket.end(head(200, {}) + GOOD)));
  expect(await update(closed)).toMatchObject({ outcome: 'updated', entries: 100 });
});

test('follows redirects over http', async () => {
  const target = server.serve('/target', GOOD);
  const one = job(server.serve('/moved', '', { location: '/hop' }, 301));
  server.serve('/hop', '', { location: target }, 302);
  expect(await update(one)).toMatchObject({ outcome: 'updated', entries: 100 });
});

type Case = readonly [
  what: string,
  path: string,
  prepare: () => void,
  error: RegExp,
  limits?: Partial<DownloadLimits>,
];
const CASES: Case[] = [
  [
    'claims 50 GB',
    '/huge',
    () => server.on('/huge', (s) => void s.write(head(200, { 'content-length': '50000000000' }) + GOOD)),
    /announces 50000000000 bytes/,
  ],
  [
    'never ends',
    '/endless',
    () => server.on('/endless', (s) => pour(s, head(200, {}))),
    /goes on past 2000000 bytes/,
    { wireBytes: 2_000_000 },
  ],
  [
    'is a gzip bomb',
    '/bomb',
    () => server.serve('/bomb', gzipSync(Buffer.alloc(64_000_000, 'a\n')), { 'content-encoding': 'gzip' }),
    /unpacks to more than 1000000 bytes/,
    { textBytes: 1_000_000 },
  ],
  [
    'is a zstd bomb',
    '/zbomb',
    () => server.serve('/zbomb', zstdCompressSync(Buffer.alloc(64_000_000, 'a\n'))),
    /unpacks to more than 1000000 bytes/,
    { textBytes: 1_000_000 },
  ],
  ['is one line of 1 MB', '/line', () => server.serve('/line', 'x'.repeat(1_000_000)), /not one name/],
  [
    'is binary',
    '/binary',
    () =>
      server.serve(
        '/binary',
        new Uint8Array(5_000).map((_, i) => i),
      ),
    /not text/,
  ],
  [
    'redirects to a file',
    '/tofile',
    () => server.serve('/tofile', '', { location: 'file:///etc/passwd' }, 302),
    /is no address of https or http/,
  ],
  [
    'redirects for ever',
    '/loop',
    () => server.serve('/loop', '', { location: '/loop' }, 302),
    /more than 5 redirects/,
  ],
  [
    'redirects nowhere',
    '/nowhere',
    () => server.serve('/nowhere', '', { location: 'http://' }, 302),
    /leads nowhere/,
  ],
  ['is silent', '/silent', () => server.on('/silent', () => {}), /silent for 300 ms/, { idleMs: 300 }],
  ['drips', '/drip', () => server.on('/drip', (s) => drip(s)), /not done within 700 ms/, { totalMs: 700 }],
  ['is empty', '/empty', () => server.serve('/empty', ''), /not one name/],
  [
    'is an error page',
    '/page',
    () => server.serve('/page', '<html><body>Sorry</body></html>\n'.repeat(50)),
    /not one name/,
  ],
  ['answers 500', '/500', () => server.serve('/500', 'no', {}, 500), /status 500/],
  ['answers 304 to no question', '/304', () => server.serve('/304', '', {}, 304), /status 304|not one name/],
  [
    'stops in the middle',
    '/short',
    () => server.on('/short', (s) => void s.end(head(200, { 'content-length': '99999' }) + GOOD)),
    /ended in the middle/,
  ],
  ['is truncated gzip', '/cutgzip', () => server.serve('/cutgzip', gzipSync(GOOD).subarray(0, 60)), /\w/],
  ['lies about its encoding', '/lie', () => server.serve('/lie', GOOD, { 'content-encoding': 'gzip' }), /\w/],
  [
    'uses an unknown encoding',
    '/br',
    () => server.serve('/br', GOOD, { 'content-encoding': 'br' }),
    /unknown content encoding br/,
  ],
  [
    'does not speak HTTP',
    '/ssh',
    () => server.on('/ssh', (s) => void s.end('SSH-2.0-OpenSSH_9\r\n\r\n')),
    /does not speak HTTP/,
  ],
  [
    'sends headers without end',
    '/headers',
    () => server.on('/headers', (s) => pour(s, `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(60_000)}`)),
    /too long/,
  ],
  [
    'sends a broken chunk',
    '/chunk',
    () => server.on('/chunk', (s) => void s.end(`${head(200, { 'transfer-encoding': 'chunked' })}zz\r\n`)),
    /chunk has no size/,
  ],
  ['closes at once', '/gone', () => server.on('/gone', (s) => void s.end()), /\w/],
  [
    'lost more than half of its names',
    '/shrunk',
    () => server.serve('/shrunk', GOOD.split('\n').slice(0, 49).join('\n')),
    /shrank from 100 to 49/,
  ],
];

function pour(socket: import('node:net').Socket, start: string): void {
  socket.write(start);
  const line = Buffer.from('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example\n'.repeat(1_000));
  const more = () => {
    while (!socket.destroyed && socket.write(line));
  };
  socket.on('drain', more);
  more();
}

function drip(socket: import('node:net').Socket): void {
  socket.write(head(200, {}));
  const timer = setInterval(() => socket.write('a'), 20);
  socket.on('close', () => clearInterval(timer));
}

for (const [what, path, prepare, error, limits] of CASES) {
  test(`a source that ${what} ends in a clear error, and the list in force stays`, async () => {
    const { folder, before } = await established();
    prepare();
    const url = server.url(path);
    const one = job(url, {
      folder,
      before: { ...before, url, etag: null },
      limits: { ...LIMITS, ...limits },
    });
    const result = await update(one);
    expect(result.outcome).toMatch(/^(?:failed|refused)$/);
    expect(result.error ?? '').toMatch(error);
    expect(result.state).toMatchObject({ fetchedAt: 1_000, entries: 100, failures: 1 });
    expect(content(one)).toBe(GOOD);
    expect(readdirSync(join(folder, 'sources'))).toEqual(['feed']);
  });
}

test('does not connect to an address that is not on the internet, by name, number or redirect', async () => {
  const asked = server.seen.length;
  for (const url of [
    server.url('/list'),
    'http://localhost:1/',
    'http://[::1]:1/',
    'http://0x7f000001/',
    'http://169.254.169.254/latest/meta-data',
    'http://[::ffff:10.0.0.1]/',
  ]) {
    const result = await update(job(url, { allowPrivate: false }));
    expect(result.error ?? '').toContain('which is not on the internet');
  }
  expect(server.seen.length).toBe(asked);
});

test('takes a list that shrank when told so, but never one with nothing in it', async () => {
  const { folder, before, url } = await established();
  server.serve('/list', 'only.example\n');
  expect(await update(job(url, { folder, before, force: true }))).toMatchObject({
    outcome: 'updated',
    entries: 1,
    removed: 100,
  });
  server.serve('/list', '');
  expect(await update(job(url, { folder, before, force: true }))).toMatchObject({ outcome: 'refused' });
});

test('does not believe a first download with under a tenth of what is expected', async () => {
  const one = job(server.serve('/few', GOOD), { expected: 5_000 });
  expect(await update(one)).toMatchObject({
    outcome: 'refused',
    error: expect.stringContaining('about 5000 are expected'),
  });
  expect(existsSync(sourcePath(one.folder, 'feed'))).toBe(false);
});

test('starts anew when the address of a source changed', async () => {
  const { folder, before } = await established();
  const url = server.serve('/elsewhere', 'x.example\n');
  const result = await update(job(url, { folder, before }));
  expect(server.seen.at(-1)?.headers.has('if-none-match')).toBe(false);
  expect(result).toMatchObject({ outcome: 'updated', entries: 1 });
});
