import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test';
import type { RegistrableDomain } from '../../src/model/brand.ts';
import { Registrations, type RegistrationTestOptions } from '../../src/registration/registrations.ts';
import { rdapDocument } from './documents.ts';
import { RegistryServer, TestCa } from './registry-server.ts';

const AT = Date.parse('1990-12-31T23:59:59Z') as never;
const NAME = 'example.com' as RegistrableDomain;
const PATH = '/rdap/domain/example.com';

let ca: TestCa;
let registry: RegistryServer;
let open: Registrations[];

beforeAll(() => {
  ca = new TestCa();
});
afterAll(() => ca.close());
beforeEach(() => {
  registry = new RegistryServer(ca);
  open = [];
});
afterEach(async () => {
  for (const registrations of open) registrations.close();
  await registry.close();
});

function make(changes: Partial<RegistrationTestOptions> = {}): Registrations {
  const bootstrap = {
    publication: '2026-01-01T00:00:00Z',
    services: [
      [['com', 'xn--p1ai'], [`${registry.origin}/rdap/`]],
      [['net'], ['https://localhost:1/rdap/', `${registry.origin}/second/`]],
    ],
  };
  const forTests = { allowPrivate: true, ca: ca.ca, bootstrap, ...changes };
  const made = new Registrations({ stateDir: null, onTrouble: () => {}, forTests });
  open.push(made);
  return made;
}

const unknown = (why: string) => expect.objectContaining({ kind: 'unknown', why }) as never;

test('asks the service of the zone, keeps the answer, and then knows it without asking', async () => {
  registry.json(PATH, rdapDocument(NAME));
  const registrations = make();
  expect(registrations.age(NAME)).toBeNull();
  const answer = await registrations.ask(NAME);
  expect(answer).toMatchObject({ kind: 'registered', at: AT, source: 'rdap' });
  expect(registrations.age(NAME)).toEqual(answer);
  expect(await registrations.ask(NAME)).toEqual(answer);
  expect(registry.asked).toEqual([PATH]);
});

test('asks for an internationalised name by its A-labels', async () => {
  const name = 'xn--e1afmkfd.xn--p1ai' as RegistrableDomain;
  registry.json(`/rdap/domain/${name}`, rdapDocument(name));
  expect(await make().ask(name)).toMatchObject({ kind: 'registered' });
});

test('all who ask for a domain at once share one request', async () => {
  const gate = Promise.withResolvers<void>();
  registry.on(PATH, async () => {
    await gate.promise;
    return Response.json(rdapDocument(NAME));
  });
  const registrations = make();
  const answers = Array.from({ length: 50 }, () => registrations.ask(NAME));
  gate.resolve();
  for (const answer of await Promise.all(answers))
    expect(answer).toMatchObject({ kind: 'registered', at: AT });
  expect(registry.asked).toEqual([PATH]);
});

test('asks the next service of a zone when the first cannot be reached', async () => {
  const name = 'example.net' as RegistrableDomain;
  registry.json('/second/domain/example.net', rdapDocument(name));
  expect(await make().ask(name)).toMatchObject({ kind: 'registered' });
});

test('sends no proxy what is meant for a registry, whatever the environment says', async () => {
  registry.json(PATH, rdapDocument(NAME));
  const before = { ...process.env };
  process.env.HTTPS_PROXY = process.env.https_proxy = process.env.ALL_PROXY = 'http://127.0.0.1:9';
  try {
    expect(await make().ask(NAME)).toMatchObject({ kind: 'registered' });
  } finally {
    for (const name of ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
});

test.each([
  ['no such domain', () => new Response('{}', { status: 404 }), 'not_found'],
  ['an error of the registry', () => new Response('', { status: 500 }), 'unreachable'],
  ['a refusal', () => new Response('', { status: 403 }), 'unreachable'],
  ['a page in place of an answer', () => new Response('<html>'), 'malformed'],
  ['an answer about another name', () => Response.json(rdapDocument('example.net')), 'malformed'],
  ['no date', () => Response.json({ ...rdapDocument(NAME), events: [] }), 'no_date'],
  [
    'a body that is too long',
    () => new Response(`${JSON.stringify(rdapDocument(NAME))}${' '.repeat(262_144)}`),
    'malformed',
  ],
  ['a body that unpacks to too much', () => packed(' '.repeat(5_000_000)), 'malformed'],
  ['a redirect to http', () => Response.redirect('http://localhost:1/', 302), 'malformed'],
  ['a redirect to a file', () => Response.redirect('file:///etc/passwd', 302), 'malformed'],
  ['a redirect with a password', () => Response.redirect('https://a:b@localhost:1/', 302), 'malformed'],
  ['a redirect to nobody', () => Response.redirect('https://localhost:1/', 302), 'unreachable'],
  ['a redirect to itself', () => Response.redirect(`${registry.origin}${PATH}`, 307), 'malformed'],
])('answers %s with a reason, and asks again only later', async (_what, handler, why) => {
  registry.on(PATH, handler);
  const registrations = make();
  const answer = await registrations.ask(NAME);
  expect(answer).toEqual(unknown(why));
  expect(registrations.age(NAME)).toEqual(answer);
  const asked = registry.asked.length;
  await registrations.ask(NAME);
  expect(registry.asked).toHaveLength(asked);
});

test('reads an answer that was packed although nobody asked for it', async () => {
  registry.on(PATH, () => packed(JSON.stringify(rdapDocument(NAME))));
  expect(await make().ask(NAME)).toMatchObject({ kind: 'registered', at: AT });
});

test('follows three redirects and not a fourth', async () => {
  for (let i = 0; i < 4; i++)
    registry.on(`/hop${i}`, () => Response.redirect(`${registry.origin}/hop${i + 1}`, 301));
  registry.json('/hop4', rdapDocument(NAME));
  registry.on(PATH, () => Response.redirect('/hop2', 302));
  expect(await make().ask(NAME)).toMatchObject({ kind: 'registered' });
  registry.on(PATH, () => Response.redirect('/hop1', 302));
  expect(await make().ask(NAME)).toEqual(unknown('malformed'));
});

test('connects to no address of the own machine, neither at first nor by redirect', async () => {
  registry.json(PATH, rdapDocument(NAME));
  expect(await make({ allowPrivate: false }).ask(NAME)).toEqual(unknown('unreachable'));
  expect(registry.asked).toEqual([]);
});

test('believes no certificate that nobody vouches for', async () => {
  registry.json(PATH, rdapDocument(NAME));
  const other = new TestCa();
  expect(await make({ ca: other.ca }).ask(NAME)).toEqual(unknown('unreachable'));
  other.close();
});

test.each([429, 503])('status %p pauses the whole server for as long as it asks', async (status) => {
  registry.on(PATH, () => new Response('', { status, headers: { 'retry-after': '3600' } }));
  const registrations = make();
  const before = Date.now();
  const answer = await registrations.ask(NAME);
  expect(answer).toEqual(unknown('rate_limited'));
  const other = 'other.com' as RegistrableDomain;
  const second = await registrations.ask(other);
  expect(second).toEqual(unknown('rate_limited'));
  expect(registry.asked).toEqual([PATH]);
  for (const { retryAt } of [answer, second] as { retryAt: number }[]) {
    expect(retryAt).toBeGreaterThanOrEqual(before + 3_590_000);
    expect(retryAt).toBeLessThanOrEqual(Date.now() + 3_600_000);
  }
});

test('caps a pause of years at a day', async () => {
  registry.on(PATH, () => new Response('', { status: 429, headers: { 'retry-after': '999999999' } }));
  const answer = await make().ask(NAME);
  expect(answer).toEqual(unknown('rate_limited'));
  expect(answer.kind === 'unknown' && answer.retryAt <= Date.now() + 86_400_000).toBe(true);
});

test('gives up on a registry that says nothing, or never ends, and answers all who wait', async () => {
  registry.on(PATH, () => new Promise<Response>(() => {}));
  const drip = new ReadableStream({
    async pull(controller) {
      controller.enqueue(new TextEncoder().encode(' '));
      await Bun.sleep(20);
    },
  });
  registry.on('/rdap/domain/drip.com', () => new Response(drip));
  const registrations = make();
  const names = [NAME, NAME, 'drip.com' as RegistrableDomain];
  const answers = await Promise.all(names.map((name) => registrations.ask(name)));
  for (const answer of answers) expect(answer).toEqual(unknown('timed_out'));
});

test('does not flood a registry: what finds no turn in time is told when to come back', async () => {
  const registrations = make();
  const names = Array.from({ length: 100 }, (_, i) => `name${i}.com` as RegistrableDomain);
  const answers = await Promise.all(names.map((name) => registrations.ask(name)));
  const whys = answers.map((answer) => (answer.kind === 'unknown' ? answer.why : answer.kind));
  expect(whys.filter((why) => why === 'rate_limited').length).toBeGreaterThan(80);
  expect(registry.asked.length).toBeLessThanOrEqual(15);
  expect(registry.asked.length).toBeGreaterThanOrEqual(10);
});

test('close answers all who wait, and asks nobody any more', async () => {
  const arrived = Promise.withResolvers<void>();
  registry.on(PATH, () => {
    arrived.resolve();
    return new Promise<Response>(() => {});
  });
  const registrations = make();
  const waiting = registrations.ask(NAME);
  await arrived.promise;
  registrations.close();
  expect((await waiting).kind).toBe('unknown');
  expect(registrations.age(NAME)).toBeNull();
  expect((await registrations.ask('other.com' as RegistrableDomain)).kind).toBe('unknown');
  expect(registry.asked).toEqual([PATH]);
});

test.each([
  ['github.io', 'platform_suffix'],
  ['somebody.github.io', 'platform_suffix'],
  ['bucket.s3.amazonaws.com', 'platform_suffix'],
  ['www.example.com', 'platform_suffix'],
  ['server.internal', 'no_service'],
  ['printer.local', 'no_service'],
  ['com', 'no_service'],
  ['localhost', 'no_service'],
  ['Example.com', 'no_service'],
  ['a.com\r\nb.com', 'no_service'],
  ['../x.com', 'no_service'],
  ['192.0.2.1', 'no_service'],
])('asks nobody about %j: %s', async (name, why) => {
  const registrations = make({ ianaWhois: 'localhost', whoisPort: 1 });
  expect(registrations.age(name as RegistrableDomain)).toEqual(unknown(why));
  expect(await registrations.ask(name as RegistrableDomain)).toEqual(unknown(why));
  expect(registry.asked).toEqual([]);
});

function packed(text: string): Response {
  return new Response(Bun.gzipSync(new TextEncoder().encode(text)), {
    headers: { 'content-encoding': 'gzip' },
  });
}
