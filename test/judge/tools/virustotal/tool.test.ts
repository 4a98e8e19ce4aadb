import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolBox } from '../../../../src/judge/tools/tool-box.ts';
import {
  NOT_KNOWN_FOR_MS,
  PAUSE_MS,
  PER_MINUTE,
  REFUSED_MS,
  REPORT_FOR_MS,
} from '../../../../src/judge/tools/virustotal/client.ts';
import { virustotalTool } from '../../../../src/judge/tools/virustotal/tool.ts';
import { type Handler, RegistryServer, TestCa } from '../../../registration/registry-server.ts';
import { asking, factsBy, NEVER, runTool } from '../asking-context.ts';

const KEY = '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef';
const DAY_MS = 86_400_000;
const POPULAR = readFileSync(
  join(import.meta.dir, '../../../fixtures/judge/virustotal/popular.json'),
  'utf8',
);
const report = (host: string) => new Response(POPULAR.replaceAll('example.com', host));

let ca: TestCa;
let server: RegistryServer;
let nowMs: number;

beforeAll(() => {
  ca = new TestCa();
});
afterAll(() => ca.close());
beforeEach(() => {
  server = new RegistryServer(ca);
  nowMs = Date.parse('2026-11-20T12:00:00Z');
});
afterEach(() => server.close());

const path = (host: string) => `/api/v3/domains/${host}`;
const on = (host: string, handler: Handler) => server.on(path(host), handler);

function makeTool(changes: Partial<Parameters<typeof virustotalTool>[0]> = {}) {
  const network = { allowPrivate: true, ca: ca.ca };
  const now = () => nowMs;
  return virustotalTool({
    ...{ key: KEY, baseUrl: server.origin, network, clock: now, elapsed: now },
    ...changes,
  });
}

function make(...changes: Parameters<typeof makeTool>) {
  const tool = makeTool(...changes);
  return (domain: string, signal = NEVER) => runTool(tool, { domain }, asking('example.com'), signal);
}

const failing = (why: string) => ({ kind: 'failed' as const, why: expect.stringContaining(why) as never });

test('asks with the key for the name as it is, and tells the report as reputation', async () => {
  let key: string | null = null;
  on('www.example.com', (request) => {
    key = request.headers.get('x-apikey');
    return report('www.example.com');
  });
  const outcome = await make()('WWW.example.com.');
  expect(outcome).toMatchObject({ kind: 'ok', source: 'reputation' });
  expect(outcome.kind === 'ok' ? outcome.text : '').toContain(
    'Engines: 0 malicious, 0 suspicious, 66 harmless',
  );
  expect(key).toBe(KEY as never);
  expect(server.asked).toEqual([path('www.example.com')]);
});

test('keeps a report for a day, and that a name is not known for an hour', async () => {
  on('example.com', () => report('example.com'));
  const run = make();
  const first = await run('example.com');
  nowMs += REPORT_FOR_MS;
  expect((await run('example.com')).kind).toBe(first.kind);
  expect(server.count(path('example.com'))).toBe(1);
  nowMs += 1;
  await run('example.com');
  expect(server.count(path('example.com'))).toBe(2);
  expect(await run('new.example.com')).toEqual({
    kind: 'ok',
    source: 'reputation',
    text: 'new.example.com is not known to VirusTotal: nobody asked about it yet, which says neither good nor bad.',
  });
  nowMs += NOT_KNOWN_FOR_MS;
  await run('new.example.com');
  expect(server.count(path('new.example.com'))).toBe(1);
  nowMs += 1;
  await run('new.example.com');
  expect(server.count(path('new.example.com'))).toBe(2);
});

test('all who ask for a name at once share one lookup', async () => {
  const gate = Promise.withResolvers<void>();
  on('example.com', async () => {
    await gate.promise;
    return report('example.com');
  });
  const run = make();
  const all = Array.from({ length: 20 }, () => run('example.com'));
  gate.resolve();
  for (const outcome of await Promise.all(all)) expect(outcome.kind).toBe('ok');
  expect(server.asked).toHaveLength(1);
});

test('asks no oftener than the key may, and says when it will again', async () => {
  const run = make();
  for (let i = 0; i < PER_MINUTE; i++) await run(`a${i}.example.com`);
  nowMs += 20_000;
  expect(await run('b.example.com')).toEqual(failing('used up; it is asked again in 40 s'));
  expect(server.asked).toHaveLength(PER_MINUTE);
  nowMs += 40_000;
  expect((await run('b.example.com')).kind).toBe('ok');
});

test.each([
  [429, '90', 90_000],
  [429, undefined, PAUSE_MS],
  [204, undefined, PAUSE_MS],
  [503, 'Fri, 20 Nov 2026 12:05:00 GMT', 300_000],
])('after status %p with Retry-After %p it is left alone for %p ms', async (status, after, forMs) => {
  const headers = after === undefined ? undefined : { 'retry-after': after };
  on('example.com', () => new Response(null, { status, ...(headers === undefined ? {} : { headers }) }));
  const run = make();
  expect(await run('example.com')).toEqual(failing('asks to be asked later'));
  nowMs += forMs - 1;
  expect(await run('www.example.com')).toEqual(failing('asks to be asked later; it is asked again in 1 s'));
  nowMs += 2;
  expect((await run('www.example.com')).kind).toBe('ok');
  expect(server.asked).toHaveLength(2);
});

test.each([401, 403])('a key refused with status %p is not tried again for an hour', async (status) => {
  on('example.com', () => new Response('{"error":{"code":"WrongCredentialsError"}}', { status }));
  const run = make();
  expect(await run('example.com')).toEqual({ kind: 'failed', why: 'VirusTotal refuses the key' });
  nowMs += REFUSED_MS - 1;
  expect(await run('www.example.com')).toEqual(failing('refuses the key; it is asked again in 1 s'));
  nowMs += 2;
  await run('www.example.com');
  expect(server.asked).toHaveLength(2);
});

const odd: [string, Handler, string][] = [
  ['an error', () => new Response('', { status: 500 }), 'status 500'],
  ['a page', () => new Response('<html>'), 'cannot be read'],
  ['a report of another name', () => report('other.com'), 'cannot be read'],
  ['too much', () => new Response(' '.repeat(1_100_000)), 'longer than 1048576 bytes'],
  ['an odd encoding', () => new Response('x', { headers: { 'content-encoding': 'br' } }), 'cannot be asked'],
];
test.each(odd)('%s is no report, and is asked for again', async (_what, handler, why) => {
  on('example.com', handler);
  const run = make();
  expect(await run('example.com')).toEqual(failing(why));
  on('example.com', () => report('example.com'));
  nowMs += 2;
  expect((await run('example.com')).kind).toBe('ok');
});

test('the key goes to nobody else: a redirect is not followed', async () => {
  const other = new RegistryServer(ca);
  on('example.com', () => Response.redirect(`${other.origin}${path('example.com')}`, 302));
  expect(await make()('example.com')).toEqual(failing('status 302'));
  expect(other.asked).toEqual([]);
  await other.close();
});

test('the key is in nothing that is told, though the server says it back', async () => {
  const attributes = {
    tags: [KEY, `x${KEY}`],
    categories: { [KEY]: KEY },
    popularity_ranks: { [KEY]: { rank: 1 } },
  };
  on('example.com', () => Response.json({ data: { type: 'domain', id: 'example.com', attributes } }));
  const run = make();
  const outcomes = [await run('example.com')];
  on('a.example.com', () => new Response(KEY, { status: 500, headers: { location: KEY } }));
  on('b.example.com', () => new Response(KEY, { headers: { 'content-encoding': KEY.slice(0, 30) } }));
  on('c.example.com', () => new Response(KEY, { status: 403 }));
  for (const name of ['a', 'b', 'c', 'd']) outcomes.push(await run(`${name}.example.com`));
  outcomes.push(await make({ baseUrl: 'https://localhost:1' })('example.com'));
  outcomes.push(await make({ network: { allowPrivate: true } })('example.com'));
  expect(outcomes.map(({ kind }) => kind)).toEqual(['ok', ...Array(6).fill('failed')]);
  expect(JSON.stringify(outcomes)).not.toContain(KEY.slice(0, 20));
});

test.each([
  ['an address of the own machine', { network: { allowPrivate: false } }, 'not on the internet'],
  ['plain http', { baseUrl: 'http://localhost:1' }, 'no address of https'],
])('asks nobody by %s', async (_what, changes, why) => {
  expect(await make(changes)('example.com')).toEqual(failing(why));
  expect(server.asked).toEqual([]);
});

test.each(['other.com', 'https://example.com/', '192.0.2.1', '../../users/me', 'example.com/comments'])(
  'asks nothing about %j',
  async (domain) => {
    expect((await make()(domain)).kind).toBe('failed');
    expect(server.asked).toEqual([]);
  },
);

test('ends by the signal, while the lookup goes on for others', async () => {
  const arrived = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  on('example.com', async () => {
    arrived.resolve();
    await gate.promise;
    return report('example.com');
  });
  const box = toolBox([makeTool()]);
  const run = async (domain: string, signal: AbortSignal) => {
    const [result] = await box.run([{ tool: 'VIRUSTOTAL', args: { domain } }], asking('example.com'), signal);
    return result;
  };
  const end = new AbortController();
  const one = run('example.com', end.signal);
  const other = run('example.com', NEVER);
  await arrived.promise;
  end.abort();
  expect(await one).toMatchObject({ source: null, text: 'VIRUSTOTAL did not answer in time' });
  gate.resolve();
  expect(await other).toMatchObject({ source: 'reputation' });
  expect((await run('www.example.com', end.signal))?.source).toBeNull();
  expect(server.asked).toHaveLength(1);
});

test('pauses grow while no answer comes, and are short again after one', async () => {
  on('example.com', () => new Response(null, { status: 429 }));
  on('www.example.com', () => report('www.example.com'));
  const run = make();
  const pauseMinutes = async (): Promise<number> => {
    await run('example.com');
    nowMs += 2;
    const outcome = await run('example.com');
    const seconds = outcome.kind === 'ok' ? '' : (/again in (\d+) s/.exec(outcome.why)?.[1] ?? '');
    nowMs += Number(seconds) * 1_000;
    return Number(seconds) / 60;
  };
  const pauses: number[] = [];
  for (let i = 0; i < 8; i++) pauses.push(await pauseMinutes());
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  await run('www.example.com');
  expect(await pauseMinutes()).toBe(1);
});

test.each([
  ['0', 1],
  ['999999999', DAY_MS / 1_000],
])('a pause of %s seconds is kept for %d', async (after, seconds) => {
  on('example.com', () => new Response(null, { status: 429, headers: { 'retry-after': after } }));
  const run = make();
  await run('example.com');
  nowMs += 2;
  expect(await run('example.com')).toEqual(failing(`again in ${seconds} s`));
});

const about = (attributes: object) =>
  new Response(JSON.stringify({ data: { type: 'domain', id: 'example.com', attributes } }));
const CLEAN = { malicious: 0, suspicious: 0, harmless: 66, undetected: 28 };
const seconds = (days: number) => Math.floor((nowMs - days * DAY_MS) / 1_000);

test.each<[string, () => object, string[]]>([
  ['clean, and old', () => ({ last_analysis_stats: CLEAN, creation_date: seconds(900) }), ['for', 'neither']],
  [
    'clean, and in wide use',
    () => ({ last_analysis_stats: CLEAN, popularity_ranks: { Tranco: { rank: 900 } } }),
    ['for', 'neither'],
  ],
  ['clean alone', () => ({ last_analysis_stats: CLEAN }), ['neither']],
  [
    'clean, and on a list of everything',
    () => ({ last_analysis_stats: CLEAN, popularity_ranks: { Tranco: { rank: 900_000 } } }),
    ['neither'],
  ],
  [
    'clean, and fresh',
    () => ({ last_analysis_stats: CLEAN, creation_date: seconds(5) }),
    ['neither', 'against'],
  ],
  [
    'old, and looked at by few engines',
    () => ({ last_analysis_stats: { ...CLEAN, harmless: 12 }, creation_date: seconds(900) }),
    ['neither', 'neither'],
  ],
  [
    'old, and malicious to one',
    () => ({ last_analysis_stats: { ...CLEAN, malicious: 1 }, creation_date: seconds(900) }),
    ['against'],
  ],
  ['never analysed', () => ({}), ['neither']],
])('what a report that is %s says of a name', async (_, attributes, leanings) => {
  on('example.com', () => about(attributes()));
  const facts = await factsBy(makeTool(), { domain: 'example.com' }, asking('example.com'), NEVER);
  expect(facts.map((one) => one.split(' ')[0] ?? '')).toEqual(leanings);
});

test('a report on another name says nothing of the one under inquiry', async () => {
  on('www.example.com', () => report('www.example.com'));
  expect(await factsBy(makeTool(), { domain: 'www.example.com' }, asking('example.com'), NEVER)).toEqual([]);
});
