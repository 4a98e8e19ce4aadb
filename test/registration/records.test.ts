import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test';
import type { RegistrableDomain } from '../../src/model/brand.ts';
import { Registrations, type RegistrationTestOptions } from '../../src/registration/registrations.ts';
import { rdapDocument } from './documents.ts';
import { recordFixture } from './record-fixture.ts';
import { RegistryServer, TestCa, WhoisServer } from './registry-server.ts';

const NAME = 'example.com' as RegistrableDomain;
const SHOP = 'example-shop.com' as RegistrableDomain;
const PATH = '/rdap/domain/example.com';
const AT = Date.parse('1990-12-31T23:59:59Z') as never;

let ca: TestCa;
let registry: RegistryServer;
let whois: WhoisServer;
let open: Registrations[];

beforeAll(() => {
  ca = new TestCa();
});
afterAll(() => ca.close());
beforeEach(async () => {
  registry = new RegistryServer(ca);
  whois = await new WhoisServer().listen();
  open = [];
});
afterEach(async () => {
  for (const registrations of open) registrations.close();
  whois.close();
  await registry.close();
});

function make(changes: Partial<RegistrationTestOptions> = {}): Registrations {
  const forTests = {
    allowPrivate: true,
    ca: ca.ca,
    bootstrap: {
      publication: '2026-01-01T00:00:00Z',
      services: [[['com', 'io'], [`${registry.origin}/rdap/`]]],
    },
    ianaWhois: 'localhost',
    whoisServers: { com: 'localhost', de: 'localhost' },
    whoisPort: whois.port,
    ...changes,
  };
  const made = new Registrations({ stateDir: null, onTrouble: () => {}, forTests });
  open.push(made);
  return made;
}

const unknown = (why: string) => expect.objectContaining({ kind: 'unknown', why }) as never;

test('asks the service of the zone for the whole record, keeps it, and knows the age from it', async () => {
  registry.json(PATH, rdapDocument(NAME));
  const registrations = make();
  const answer = await registrations.record(NAME);
  expect(answer).toMatchObject({
    kind: 'record',
    record: { source: 'rdap', registeredAt: AT, statuses: ['locked', 'transfer prohibited'] },
  });
  expect(await registrations.record(NAME)).toEqual(answer);
  expect(registrations.age(NAME)).toMatchObject({ kind: 'registered', at: AT, source: 'rdap' });
  expect(registry.asked).toEqual([PATH]);
  expect(whois.lines).toEqual([]);
});

test('asks the registrar that a thin registry names, and does without it when it says nothing', async () => {
  const thin = JSON.parse(
    recordFixture('thin-registry.json').replaceAll('https://rdap.registrar.test', registry.origin),
  );
  registry.json(`/rdap/domain/${SHOP}`, thin);
  expect(await make().record(SHOP)).toMatchObject({ record: { organisation: null, concealment: null } });
  registry.json(`/domain/${SHOP.toUpperCase()}`, JSON.parse(recordFixture('thin-registrar.json')));
  expect(await make().record(SHOP)).toMatchObject({
    record: { registrar: 'Example Registrar, Inc.', organisation: 'Example Shop GmbH', country: 'DE' },
  });
});

/** The answer of a registry, given when the gate opens; `most` is how many were asked for at once. */
function gated() {
  const gate = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const seen = { now: 0, most: 0 };
  registry.on(PATH, async () => {
    seen.most = Math.max(seen.most, ++seen.now);
    arrived.resolve();
    await gate.promise;
    seen.now--;
    return Response.json(rdapDocument(NAME));
  });
  return { open: gate.resolve, arrived: arrived.promise, seen };
}

test('one lookup serves all who want age or record at once, whatever it was started for', async () => {
  const { open: openGate, seen } = gated();
  const registrations = make();
  const ages = Array.from({ length: 20 }, () => registrations.ask(NAME));
  const records = Array.from({ length: 20 }, () => registrations.record(NAME));
  openGate();
  for (const age of await Promise.all(ages)) expect(age).toMatchObject({ kind: 'registered', at: AT });
  for (const record of await Promise.all(records)) expect(record).toMatchObject({ kind: 'record' });
  expect(registry.asked).toEqual([PATH]);
  expect(seen.most).toBe(1);
});

test('who asks for the age while the record is fetched gets it from there', async () => {
  const { open: openGate, arrived } = gated();
  const registrations = make();
  const record = registrations.record(NAME);
  await arrived;
  const age = registrations.ask(NAME);
  openGate();
  expect(await age).toMatchObject({ kind: 'registered', at: AT });
  await record;
  expect(registry.asked).toEqual([PATH]);
});

test('who asks for the age waits two seconds at most, though the record takes longer', async () => {
  const gate = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  registry.on(`/rdap/domain/${SHOP}`, () => new Response('', { status: 500 }));
  whois.answer = (socket) => {
    arrived.resolve();
    void gate.promise.then(() => socket.end(recordFixture('verisign-thin.txt')));
  };
  const registrations = make();
  const record = registrations.record(SHOP);
  await arrived.promise;
  expect(await registrations.ask(SHOP)).toEqual(unknown('timed_out'));
  expect(registrations.age(SHOP)).toBeNull();
  gate.resolve();
  expect(await record).toMatchObject({ kind: 'record', record: { source: 'whois' } });
  expect(registrations.age(SHOP)).toMatchObject({ kind: 'registered', source: 'whois' });
});

test('of a thin registry whose age was asked for only the registrar is still asked', async () => {
  const thin = JSON.parse(
    recordFixture('thin-registry.json').replaceAll('https://rdap.registrar.test', registry.origin),
  );
  registry.json(`/rdap/domain/${SHOP}`, thin);
  registry.json(`/domain/${SHOP.toUpperCase()}`, JSON.parse(recordFixture('thin-registrar.json')));
  const registrations = make();
  expect(await registrations.ask(SHOP)).toMatchObject({ kind: 'registered' });
  expect(registry.asked).toEqual([`/rdap/domain/${SHOP}`]);
  expect(await registrations.record(SHOP)).toMatchObject({ record: { organisation: 'Example Shop GmbH' } });
  expect(registry.asked).toEqual([`/rdap/domain/${SHOP}`, `/domain/${SHOP.toUpperCase()}`]);
});

test('an age is not lost to a record that cannot be had', async () => {
  registry.json(PATH, { ...rdapDocument(NAME), entities: [], links: [registrarLink()] });
  const registrations = make();
  const age = await registrations.ask(NAME);
  registry.on('/gone/domain/example.com', () => new Response('', { status: 500 }));
  expect(await registrations.record(NAME)).toMatchObject({ kind: 'record' });
  expect(registrations.age(NAME)).toMatchObject({ kind: 'registered', at: (age as { at: number }).at });
});

test('a registrar that never answers costs its time once, and not what the registry said', async () => {
  registry.json(PATH, { ...rdapDocument(NAME), entities: [], links: [registrarLink()] });
  const registrations = make();
  await registrations.ask(NAME);
  let asked = 0;
  registry.on('/gone/domain/example.com', () => {
    asked++;
    return new Promise<Response>(() => {});
  });
  for (let i = 0; i < 2; i++)
    expect(await registrations.record(NAME)).toMatchObject({ kind: 'record', record: { registeredAt: AT } });
  expect(asked).toBe(1);
}, 20_000);

function registrarLink(): object {
  const href = `${registry.origin}/gone/domain/example.com`;
  return { rel: 'related', type: 'application/rdap+json', href };
}

test.each([
  ['an error of the service', () => new Response('', { status: 500 })],
  ['a page in place of an answer', () => new Response('<html>')],
])('asks by WHOIS after %s', async (_what, handler) => {
  registry.on(`/rdap/domain/${SHOP}`, handler);
  whois.answer = (socket) => socket.end(recordFixture('verisign-thin.txt'));
  expect(await make().record(SHOP)).toMatchObject({
    kind: 'record',
    record: { source: 'whois', lines: expect.arrayContaining(['Registrar IANA ID: 9995']) },
  });
  expect(whois.lines).toEqual([SHOP]);
});

test.each([
  ['knows no such domain', () => new Response('{}', { status: 404 }), 'not_found'],
  [
    'wants to be left alone',
    () => new Response('', { status: 429, headers: { 'retry-after': '60' } }),
    'rate_limited',
  ],
])('does not ask by WHOIS when the service %s', async (_what, handler, why) => {
  registry.on(PATH, handler);
  const registrations = make();
  expect(await registrations.record(NAME)).toEqual(unknown(why));
  expect(await registrations.record(NAME)).toEqual(unknown(why));
  expect(whois.lines).toEqual([]);
  expect(registry.asked).toEqual([PATH]);
});

test('when WHOIS knows nothing either, the failure of the service is told', async () => {
  registry.on(PATH, () => new Response('', { status: 500 }));
  whois.answer = (socket) => socket.end('No match\r\n');
  expect(await make().record(NAME)).toEqual(unknown('unreachable'));
});

test('asks a registry that tells no date for its record nevertheless, and only then', async () => {
  const name = 'beispiel.de' as RegistrableDomain;
  whois.answer = (socket) => socket.end(recordFixture('de.txt'));
  const registrations = make();
  expect(await registrations.ask(name)).toEqual(unknown('no_date'));
  expect(whois.lines).toEqual([]);
  expect(await registrations.record(name)).toMatchObject({ kind: 'record', record: { registeredAt: null } });
  expect(registrations.age(name)).toEqual(unknown('no_date'));
});

test('a WHOIS server that pleads is left alone, for other records too', async () => {
  whois.answer = (socket) => socket.end('Query limit exceeded\r\n');
  const registrations = make();
  for (const name of ['eins.de', 'zwei.de'])
    expect(await registrations.record(name as RegistrableDomain)).toEqual(unknown('rate_limited'));
  expect(whois.lines).toEqual(['eins.de']);
});

test("a platform's own domain has a record, which is not taken for the age of its customers' names", async () => {
  const platform = 'github.io' as RegistrableDomain;
  registry.json(`/rdap/domain/${platform}`, rdapDocument(platform));
  const registrations = make();
  expect(await registrations.record(platform)).toMatchObject({
    kind: 'record',
    record: { registeredAt: AT },
  });
  expect(registrations.age(platform)).toEqual(unknown('platform_suffix'));
  expect(await registrations.record('somebody.github.io' as RegistrableDomain)).toEqual(
    unknown('platform_suffix'),
  );
});

test.each(['server.internal', 'com', 'Example.com', 'a.com\r\nb.com', '192.0.2.1', 'www.example.com'])(
  'asks nobody for a record of %j',
  async (name) => {
    expect((await make().record(name as RegistrableDomain)).kind).toBe('unknown');
    expect(registry.asked).toEqual([]);
    expect(whois.lines).toEqual([]);
  },
);

test('close answers all who wait for a record, and asks nobody any more', async () => {
  const arrived = Promise.withResolvers<void>();
  registry.on(PATH, () => {
    arrived.resolve();
    return new Promise<Response>(() => {});
  });
  const registrations = make();
  const waiting = registrations.record(NAME);
  await arrived.promise;
  registrations.close();
  expect((await waiting).kind).toBe('unknown');
  expect((await registrations.record('other.com' as RegistrableDomain)).kind).toBe('unknown');
  expect(registry.asked).toEqual([PATH]);
});

test('gives up on services that say nothing, and answers all who wait', async () => {
  registry.on(PATH, () => new Promise<Response>(() => {}));
  whois.answer = () => {};
  const registrations = make();
  for (const answer of await Promise.all([registrations.record(NAME), registrations.record(NAME)]))
    expect(answer).toEqual(unknown('timed_out'));
}, 20_000);
