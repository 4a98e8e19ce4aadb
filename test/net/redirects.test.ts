import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test';
import { followRedirects, type RedirectPolicy } from '../../src/net/redirects.ts';
import { OwnerWorld } from '../judge/tools/owner-world.ts';

const START = 'https://shop.test/';

let world: OwnerWorld;
beforeAll(async () => {
  world = await OwnerWorld.start();
});
afterEach(() => world.clear());
afterAll(() => world.stop());

/** Walks from the start, and says in words where that ended. */
async function walk(policy: Partial<RedirectPolicy<string>> = {}, start = START): Promise<string> {
  const { network } = world;
  const walked = await followRedirects<string>(new URL(start), {
    headers: {},
    connectMs: 2_000,
    idleMs: 2_000,
    redirectsMax: 2,
    protocols: ['https:', 'http:'],
    ca: network.ca,
    signal: new AbortController().signal,
    admit: async (url) => {
      world.resolved.push(url.host);
      return { addresses: ['127.0.0.1'], port: network.ports?.get(url.protocol === 'https:' ? 443 : 80) };
    },
    ...policy,
  });
  const hops = walked.hops.map(({ url, status }) => `${status} ${url.href}`);
  switch (walked.kind) {
    case 'answer':
      walked.response.close();
      return [...hops, 'answer'].join(', ');
    case 'failed':
      return [...hops, `failed at ${walked.url.host}`].join(', ');
    default:
      return [...hops, `${walked.kind}: ${walked.why}`].join(', ');
  }
}

test('follows redirects, each admitted as if it were the first', async () => {
  world.redirect(START, '//other.test/a', 301);
  world.redirect('https://other.test/a', '/b?c', 308);
  expect(await walk()).toBe(
    '301 https://shop.test/, 308 https://other.test/a, 404 https://other.test/b?c, answer',
  );
  expect(world.resolved).toEqual(['shop.test', 'other.test', 'other.test']);
});

test('stops after as many as the policy has, and follows none where it has none', async () => {
  world.redirect(START, '/');
  expect(await walk()).toEndWith(', stopped: there are more than 2 redirects');
  expect(world.seen).toHaveLength(3);
  expect(await walk({ redirectsMax: 0 })).toBe('302 https://shop.test/, answer');
});

test('what is not admitted is not contacted, at first or by a redirect', async () => {
  const admit = async (url: URL) =>
    url.host === 'shop.test'
      ? { addresses: ['127.0.0.1'], port: world.network.ports?.get(443) }
      : { refused: `not ${url.host}` };
  world.redirect(START, 'https://other.test/');
  expect(await walk({ admit })).toBe('302 https://shop.test/, refused: not other.test');
  expect(await walk({ admit }, 'https://other.test/')).toBe('refused: not other.test');
  expect(world.accepted).toEqual(['shop.test']);
});

test('leads from https to http only where the policy lets it', async () => {
  world.redirect(START, 'http://shop.test/');
  expect(await walk()).toBe('302 https://shop.test/, stopped: a redirect leads from https to http');
  expect(await walk({ mayDowngrade: true })).toEndWith('404 http://shop.test/, answer');
  expect(await walk({ mayDowngrade: true, protocols: ['https:'] })).toEndWith(
    'barred: is no address of https',
  );
  world.redirect('http://shop.test/', START);
  expect(await walk({}, 'http://shop.test/')).toContain('302 http://shop.test/, 302 https://shop.test/');
});

test.each([
  ['file:///etc/passwd', 'barred: is no address of https or http'],
  ['https://a:b@other.test/', 'barred: holds a password'],
  ['https://other.test:22/', 'barred: is on port 22, where web servers are not'],
  ['http://[bad/', 'stopped: the redirect leads nowhere'],
])('does not follow a redirect to %s', async (to, words) => {
  world.redirect(START, to);
  expect(await walk({ ports: new Set([80, 443]) })).toBe(`302 https://shop.test/, ${words}`);
  expect(world.accepted).toEqual(['shop.test']);
});

test('reads the address in a header as UTF-8', async () => {
  world.redirect(START, '/straße');
  expect(await walk()).toContain('https://shop.test/stra%C3%9Fe');
});

test('a server that does not answer is a failure, told with where', async () => {
  world.redirect(START, 'https://other.test/');
  const admit = async (url: URL) => ({
    addresses: ['127.0.0.1'],
    port: url.host === 'other.test' ? 1 : world.network.ports?.get(443),
  });
  expect(await walk({ admit })).toBe('302 https://shop.test/, failed at other.test');
});
