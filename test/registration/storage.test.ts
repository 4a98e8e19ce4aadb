import { Database } from 'bun:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RegistrableDomain } from '../../src/model/brand.ts';
import { ageOf, type Found, type RegistrationAnswer, unknown } from '../../src/registration/answer.ts';
import { bootstrapPath } from '../../src/registration/bootstrap-file.ts';
import { DOMAINS_MAX, RegistrationCache } from '../../src/registration/registration-cache.ts';
import { openRegistrationFile } from '../../src/registration/registration-file.ts';
import { Registrations } from '../../src/registration/registrations.ts';
import { rdapDocument } from './documents.ts';
import { RegistryServer, TestCa } from './registry-server.ts';

const NAME = 'example.com' as RegistrableDomain;
const domain = (index: number) => `name${index}.com` as RegistrableDomain;
const FOUND: Found = {
  kind: 'found',
  record: { source: 'whois', registeredAt: Date.UTC(2001, 0, 1) as never, nameServers: [], lines: [] },
  undated: 'no_date',
  more: null,
};
const registered = (nowMs = Date.now()) => ageOf(FOUND, nowMs);

let ca: TestCa;
let root: string;
let file: string;
let troubles: string[];

beforeAll(() => {
  ca = new TestCa();
});
afterAll(() => ca.close());
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'resolagent-registrations-'));
  file = join(root, 'registrations.db');
  troubles = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A cache whose lookups find what a test says; nothing else is found. */
async function openCache(
  find: (domain: RegistrableDomain) => RegistrationAnswer | undefined = () => undefined,
) {
  const cache = new RegistrationCache(
    file,
    (text) => troubles.push(text),
    async (domain) => {
      const age = find(domain);
      return age && { age, record: null, more: null };
    },
  );
  await cache.open();
  return cache;
}

test('what was learned is known after a restart', async () => {
  const now = Date.now();
  const answers = [registered(now), ageOf(unknown('not_found'), now)] as const;
  const first = await openCache((name) => (name === domain(1) ? answers[0] : answers[1]));
  for (const index of [1, 2]) await first.fetch(domain(index), false);
  first.close();
  const second = await openCache();
  expect(second.get(domain(1))?.age).toEqual(answers[0]);
  expect(second.get(domain(2))?.age).toEqual(answers[1]);
  second.close();
  expect(troubles).toEqual([]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('memory and file hold no more than their limit', async () => {
  const cache = await openCache(() => registered());
  for (let i = 0; i < DOMAINS_MAX + 3_000; i++) await cache.fetch(domain(i), false);
  expect(cache.get(domain(0))).toBeNull();
  cache.close();
  (await openCache()).close();
  const db = new Database(file, { readonly: true });
  expect(db.query('SELECT count(*) AS n FROM registrations').get()).toEqual({ n: DOMAINS_MAX });
  db.close();
});

test('reads a full file a page at a time and passes over rows that are none', async () => {
  openRegistrationFile(file).close();
  const db = new Database(file);
  const later = Date.now() + 86_400_000;
  const put = db.prepare('INSERT INTO registrations VALUES (?, ?, ?, ?, ?, ?)');
  for (let i = 0; i < 1_000; i++) put.run(domain(i), 1e12, 'rdap', null, 1.5e12, later);
  put.run('UPPER.com', 1e12, 'rdap', null, 1.5e12, later);
  put.run('odd.com', 'text', 'carrier pigeon', null, 1.5e12, later);
  put.run('empty.com', null, null, null, 1.5e12, later);
  put.run('old.com', 1e12, 'rdap', null, 1.5e12, 1);
  put.finalize();
  db.close();
  const opened = openRegistrationFile(file);
  const names: string[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const page = opened.page(Date.now(), after);
    expect(page.entries.length).toBeLessThan(1_000);
    names.push(...page.entries.map(([name]) => name));
    after = page.last;
  }
  opened.close();
  expect(names.sort()).toEqual(Array.from({ length: 1_000 }, (_, i) => domain(i)).sort());
});

test('long records push others out of memory, and nobody who waits goes without', async () => {
  const line = 'x'.repeat(100_000);
  const record = {
    kind: 'record',
    fetchedAt: Date.now(),
    record: { source: 'whois', lines: [line] },
  } as never;
  const find = async () => ({ age: registered(), record, more: null });
  const cache = new RegistrationCache(null, (text) => troubles.push(text), find);
  const all = await Promise.all(Array.from({ length: 200 }, (_, i) => cache.fetch(domain(i), true)));
  expect(all.filter((known) => known === null)).toEqual([]);
  const kept = all.filter((_, i) => cache.get(domain(i)) !== null).length;
  expect(kept).toBeGreaterThan(50);
  expect(kept).toBeLessThan(90);
});

test('a damaged file is replaced', async () => {
  writeFileSync(file, 'this is no database '.repeat(1_000));
  const cache = await openCache(() => registered());
  await cache.fetch(NAME, false);
  cache.close();
  expect(troubles).toEqual([]);
  const again = await openCache();
  expect(again.get(NAME)).not.toBeNull();
  again.close();
});

test.each([
  ['a file of a newer version', () => newerFile()],
  ['a symbolic link', () => symlinkSync('/dev/null', file)],
  ['a folder in its place', () => mkdirSync(file)],
])('%s is left alone: told once, and everything else works', async (_what, arrange) => {
  arrange();
  const cache = await openCache(() => registered());
  await cache.fetch(NAME, false);
  expect(cache.get(NAME)).not.toBeNull();
  cache.close();
  expect(troubles).toHaveLength(1);
  expect(troubles[0]).toContain(file);
});

test('a registration outlives the engine that asked for it', async () => {
  const registry = new RegistryServer(ca);
  registry.json('/domain/example.com', rdapDocument(NAME));
  const forTests = {
    allowPrivate: true,
    ca: ca.ca,
    bootstrap: dns('2026-01-01T00:00:00Z', registry.origin),
  };
  const options = { stateDir: root, onTrouble: (text: string) => troubles.push(text), forTests };
  const first = new Registrations(options);
  const answer = await first.ask(NAME);
  expect(answer.kind).toBe('registered');
  first.close();
  await registry.close();
  const second = new Registrations(options);
  expect(await second.ask(NAME)).toEqual(answer);
  expect(second.age(NAME)).toEqual(answer);
  second.close();
  expect(troubles).toEqual([]);
});

test('a newer bootstrap is fetched, used at once and after a restart, and fetched again only when it changed', async () => {
  const { registry, make } = served();
  const moved = dns('2099-01-01T00:00:00Z', `${registry.origin}/moved`);
  registry.on('/dns.json', (request) =>
    request.headers.get('if-none-match') === '"one"'
      ? new Response(null, { status: 304 })
      : Response.json(moved, { headers: { etag: '"one"' } }),
  );
  registry.json('/moved/domain/example.com', rdapDocument(NAME));
  const first = make();
  const results = await Promise.all([first.refreshBootstrap(), first.refreshBootstrap()]);
  expect(results[0]).toMatchObject({ kind: 'fresh', publishedMs: Date.UTC(2099, 0, 1) });
  expect(registry.count('/dns.json')).toBe(1);
  expect((await first.ask(NAME)).kind).toBe('registered');
  expect(await first.refreshBootstrap()).toEqual({ kind: 'unchanged' });
  first.close();
  expect(JSON.parse(readFileSync(bootstrapPath(root), 'utf8'))).toEqual({ etag: '"one"', registry: moved });
  await registry.close();
});

test.each([
  ['is no registry', () => Response.json({ hello: 'world' })],
  ['is not JSON', () => new Response('<html>')],
  ['names hardly any zones', () => Response.json({ publication: '2099-01-01T00:00:00Z', services: [] })],
  ['is too long', () => new Response(' '.repeat(1_100_000))],
  ['is not there', () => new Response('', { status: 404 })],
  ['claims to be unchanged, though there is none', () => new Response(null, { status: 304 })],
  ['leads to http', () => Response.redirect('http://localhost:1/', 302)],
])('a bootstrap that %s changes nothing', async (_what, handler) => {
  const { registry, make } = served();
  registry.on('/dns.json', handler);
  registry.json('/domain/example.com', rdapDocument(NAME));
  const registrations = make();
  expect(await registrations.refreshBootstrap()).toMatchObject({ kind: 'failed' });
  expect(existsSync(bootstrapPath(root))).toBe(false);
  expect((await registrations.ask(NAME)).kind).toBe('registered');
  registrations.close();
  await registry.close();
});

test('an older bootstrap does not take the place of a newer one', async () => {
  const { registry, make } = served();
  registry.json('/dns.json', dns('2020-01-01T00:00:00Z', registry.origin));
  const registrations = make();
  expect(await registrations.refreshBootstrap()).toEqual({ kind: 'unchanged' });
  expect(existsSync(bootstrapPath(root))).toBe(false);
  registrations.close();
  await registry.close();
});

test('a saved bootstrap is used after a restart if it is newer than the embedded one and whole', async () => {
  const registry = new RegistryServer(ca);
  registry.json('/domain/example.com', rdapDocument(NAME));
  const saved = { etag: null, registry: dns('2099-01-01T00:00:00Z', registry.origin) };
  writeFileSync(bootstrapPath(root), JSON.stringify(saved));
  const registrations = new Registrations({
    stateDir: root,
    onTrouble: (text) => troubles.push(text),
    forTests: { allowPrivate: true, ca: ca.ca },
  });
  expect((await registrations.ask(NAME)).kind).toBe('registered');
  registrations.close();
  await registry.close();
});

function served(): { registry: RegistryServer; make: () => Registrations } {
  const registry = new RegistryServer(ca);
  const make = () =>
    new Registrations({
      stateDir: root,
      onTrouble: (text) => troubles.push(text),
      forTests: {
        allowPrivate: true,
        ca: ca.ca,
        bootstrap: dns('2026-01-01T00:00:00Z', registry.origin),
        bootstrapUrl: `${registry.origin}/dns.json`,
      },
    });
  return { registry, make };
}

function dns(publication: string, service: string): object {
  return { version: '1.0', publication, services: [[['com', 'net'], [`${service}/`]]] };
}

function newerFile(): void {
  const db = new Database(file);
  db.run('PRAGMA user_version = 99');
  db.close();
}
