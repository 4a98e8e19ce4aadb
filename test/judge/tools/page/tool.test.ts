import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test';
import { fetchTool } from '../../../../src/judge/tools/page/tool.ts';
import { factsBy, runTool, type ToolOutcome } from '../asking-context.ts';
import { inquiry, OwnerWorld } from '../owner-world.ts';

let world: OwnerWorld;
beforeAll(async () => {
  world = await OwnerWorld.start();
});
afterEach(() => world.clear());
afterAll(() => world.stop());

const START = 'https://shop.test/';
const never = new AbortController().signal;

function ask(
  host = 'shop.test',
  context = inquiry(),
  scheme: 'https' | 'http' = 'https',
): Promise<ToolOutcome> {
  return runTool(fetchTool(world.network), { host, scheme }, context, never);
}

function textOf(outcome: ToolOutcome): string {
  return outcome.kind === 'ok' ? outcome.text : `failed: ${outcome.why}`;
}

async function told(host?: string): Promise<string> {
  return textOf(await ask(host));
}

test('asks for the root, as a browser without a past would', async () => {
  world.page(START, 'hello', { 'set-cookie': 'id=1', server: 'x' });
  expect(await ask()).toMatchObject({ kind: 'ok', source: 'page' });
  const [seen] = world.seen;
  expect(seen?.url).toBe(START);
  const names = seen?.headers.map((line) => line.split(':')[0]).sort();
  expect(names).toEqual(['accept', 'accept-encoding', 'accept-language', 'connection', 'host', 'user-agent']);
  expect(seen?.headers.find((line) => line.startsWith('user-agent'))).toMatch(/^user-agent: Mozilla\/5\.0 /);
});

test('a page on http is asked for when the model says so', async () => {
  world.page('http://shop.test/', '<title>plain</title>');
  expect(textOf(await ask('shop.test', inquiry(), 'http'))).toContain('Title: plain');
});

test.each(['evil.test', 'shop.test.evil.test', 'notshop.test'])(
  'does not ask %s, which has nothing to do with the inquiry',
  async (host) => {
    expect(await ask(host)).toEqual({ kind: 'failed', why: `${host} has nothing to do with this inquiry` });
    expect(world.resolved).toEqual([]);
  },
);

test.each([
  'https://shop.test/',
  'shop.test/?q=secret',
  'shop.test:8080',
  'user@shop.test',
  '127.0.0.1',
  '[::1]',
  '0x7f000001',
  'shop..test',
  '\u001b[2Jshop.test',
  '',
])('does not take %p for a host name', async (host) => {
  const outcome = await ask(host);
  expect(textOf(outcome)).toMatch(/^failed: .* is not a host name/);
  expect(textOf(outcome)).not.toContain('\u001b');
  expect(world.resolved).toEqual([]);
});

test('takes a name in any spelling', async () => {
  world.page(START, '<title>found</title>');
  expect(await told('SHOP.test.')).toContain('Title: found');
});

test('follows redirects, tells each, and carries nothing along', async () => {
  const context = inquiry();
  world.page(START, '', { location: 'http://www.shop.test/a?id=1#top', 'set-cookie': 'id=1' }, 301);
  world.redirect('http://www.shop.test/a?id=1', '//other.test/b', 307);
  world.redirect('http://other.test/b', 'https://deep.other.test', 303);
  world.redirect('https://deep.other.test/', '/end', 308);
  world.page('https://deep.other.test/end', '<title>arrived</title>');
  const text = textOf(await ask('shop.test', context));
  expect(text.split('\n').slice(0, 5)).toEqual([
    'Asked: https://shop.test/ (status 301)',
    'Redirected to: http://www.shop.test/a?… (status 307)',
    'Redirected to: http://other.test/b (status 303)',
    'Redirected to: https://deep.other.test/ (status 308)',
    'Redirected to: https://deep.other.test/end (status 200)',
  ]);
  expect(text).toContain('Title: arrived');
  expect([...context.learned]).toEqual(['www.shop.test', 'other.test', 'deep.other.test']);
  expect(world.seen.flatMap(({ headers }) => headers).join('\n')).not.toMatch(/cookie|referer/i);
});

test('stops after five redirects', async () => {
  world.redirect(START, '/');
  const text = await told();
  expect(text.split('\n')).toHaveLength(7);
  expect(text).toEndWith('Went no further: there are more than 5 redirects.');
  expect(world.seen).toHaveLength(6);
});

test('a host that is redirected to may be asked about, though it was not reached', async () => {
  const context = inquiry();
  world.redirect(START, 'https://elsewhere.invalid/');
  world.addresses.set('elsewhere.invalid', []);
  await ask('shop.test', context);
  expect(context.mayAsk('elsewhere.invalid' as never)).toBe(true);
});

test('each hop is resolved once, and asked at the address that was checked', async () => {
  world.redirect(START, 'https://www.shop.test/');
  world.redirect('https://www.shop.test/', START);
  await ask();
  expect(world.resolved).toEqual(
    ['shop.test', 'www.shop.test', ...Array(2).fill(['shop.test', 'www.shop.test'])].flat(),
  );
  expect(world.accepted).toEqual(world.resolved);
});

test.each([
  [
    'https://listed.test/x?y',
    'https://listed.test/x?… is on the phishing list urlhaus: it was not contacted',
  ],
  ['http://LISTED.test./', 'http://listed.test./ is on the phishing list urlhaus: it was not contacted'],
])('a redirect to the listed %s is told and not followed', async (to, words) => {
  world.listed.set('listed.test', 'the phishing list urlhaus');
  const context = inquiry();
  world.redirect(START, to);
  expect(await ask('shop.test', context)).toEqual({
    kind: 'ok',
    source: 'page',
    text: `Asked: https://shop.test/ (status 302)\nWent no further: ${words}.`,
  });
  expect(world.resolved).toEqual(['shop.test']);
  expect([...context.learned]).toEqual(['listed.test']);
});

test('a redirect to a listed address is told and not followed, though another address of the name is not', async () => {
  world.listed.set('203.0.113.9', 'the malware list feodo');
  world.addresses.set('other.test', ['127.0.0.1', '203.0.113.9']);
  world.redirect(START, 'https://other.test/');
  expect(await told()).toContain(
    'https://other.test/ leads to 203.0.113.9, which is on the malware list feodo: it was not contacted',
  );
  expect(world.accepted).toEqual(['shop.test']);
});

test('a listed host is not even resolved', async () => {
  world.listed.set('shop.test', 'the malware list feodo');
  expect(await told()).toContain('https://shop.test/ is on the malware list feodo: it was not contacted');
  expect(world.resolved).toEqual([]);
});

test.each([
  ['https://a:b@other.test/', 'holds a password'],
  ['https://user@other.test/', 'holds a password'],
  ['http://other.test:22/', 'is on port 22'],
  ['http://other.test:6379/x', 'is on port 6379'],
  ['ftp://other.test/', 'is no address of https or http'],
  ['file:///etc/passwd', 'is no address of https or http'],
  ['javascript:alert(1)', 'is no address of https or http'],
  ['data:text/html,hi', 'is no address of https or http'],
  ['gopher://127.0.0.1:25/', 'is no address of https or http'],
  ['http://[bad/', 'the redirect leads nowhere'],
  ['http://1.2.3.4.5/', 'the redirect leads nowhere'],
])('does not follow a redirect to %s', async (to, words) => {
  world.redirect(START, to);
  const text = await told();
  expect(text).toContain(words);
  expect(text).not.toContain('a:b');
  expect(world.seen).toHaveLength(1);
});

test('an invalid certificate is evidence, and nothing is asked of whoever shows it', async () => {
  const { workshop } = world;
  const names = (host: string) => [`DNS:${host}`];
  const past = { from: '20200101000000Z', until: '20210101000000Z' };
  world.certify('old.shop.test', workshop.make({ names: names('old.shop.test'), ...past }));
  world.certify('own.shop.test', workshop.make({ names: names('own.shop.test'), selfSigned: true }));
  const future = { from: '20990101000000Z', until: '20990201000000Z' };
  world.certify('new.shop.test', workshop.make({ names: names('new.shop.test'), ...future }));
  const faults = {
    'old.shop.test': 'it, or one it rests on, has expired',
    'own.shop.test': 'it is signed by itself',
    'new.shop.test': 'it, or one it rests on, is not valid yet',
    'deep.er.shop.test': 'it is for other names',
  };
  for (const [host, fault] of Object.entries(faults)) {
    expect(await ask(host)).toEqual({
      kind: 'ok',
      source: 'page',
      text: `Went no further: https://${host}/ has an invalid certificate: ${fault}; nothing was asked of it.`,
    });
  }
  expect(world.seen).toEqual([]);
});

test('a certificate that no known authority signed is told, and behind a redirect too', async () => {
  const stranger = await OwnerWorld.start();
  try {
    const network = { ...world.network, ports: stranger.network.ports };
    const outcome = await runTool(
      fetchTool(network),
      { host: 'shop.test', scheme: 'https' },
      inquiry(),
      never,
    );
    expect(textOf(outcome)).toMatch(/^Went no further: .*(vouches for it|nobody trusts)/);
    expect(stranger.seen).toEqual([]);
  } finally {
    stranger.stop();
  }
  world.redirect(START, 'https://a.b.other.test/');
  expect(await told()).toMatch(/status 302\)\nWent no further: .*it is for other names/);
});

test('a name without an address, and a server that is not there, are failures', async () => {
  const rejects = { ...world.network, resolve: () => Promise.reject(new Error('ENOTFOUND')) };
  const unknown = await runTool(fetchTool(rejects), { host: 'shop.test', scheme: 'https' }, inquiry(), never);
  expect(unknown).toEqual({
    kind: 'failed',
    why: 'https://shop.test/ cannot be asked: shop.test has no address',
  });
  // Port 1 of loopback: nobody listens there.
  const away = { ...world.network, ports: new Map([[443, 1]]) };
  const refused = await runTool(fetchTool(away), { host: 'shop.test', scheme: 'https' }, inquiry(), never);
  expect(textOf(refused)).toMatch(/^failed: https:\/\/shop\.test\/ gave no answer: cannot connect/);
});

test('a name that leads to the own network is not asked', async () => {
  const network = { ...world.network, allowPrivate: false };
  const outcome = await runTool(fetchTool(network), { host: 'shop.test', scheme: 'https' }, inquiry(), never);
  expect(outcome).toEqual({
    kind: 'failed',
    why: 'https://shop.test/ cannot be asked: shop.test leads to 127.0.0.1, which is not on the internet',
  });
  expect(world.accepted).toEqual([]);
});

test('is called with a host and, if need be, a scheme; never with a path', () => {
  const { args } = fetchTool(world.network);
  expect(args.parse({ host: 'shop.test', path: '/x', query: 'y' })).toEqual({
    host: 'shop.test',
    scheme: 'https',
  });
  expect(args.safeParse({ host: 'x'.repeat(300) }).success).toBe(false);
  expect(args.safeParse({ host: 'shop.test', scheme: 'ftp' }).success).toBe(false);
});

test('what a page asks for is a fact, and no word of it', async () => {
  const form = '<form action="https://evil.test/get" method="post"><input type="password"></form>';
  world.page(START, `<title>Let us in</title><p>Let us in</p>${form}`, { 'content-type': 'text/html' });
  const facts = await factsBy(
    fetchTool(world.network),
    { host: 'shop.test', scheme: 'https' },
    inquiry(),
    never,
  );
  expect(facts).toEqual([
    'neither 1 addresses were asked, the last answered with status 200.',
    'neither Its page asks for a password, and sends it to another domain.',
    expect.stringMatching(/^neither It has \d+ characters of visible text and leads to \d other hosts\.$/),
  ]);
});
