import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { renderAnchor } from '../../pf/anchor.ts';
import { type Lo0Form, V6_PATHS, type V6Path } from '../../pf/anchor-name.ts';
import type { InterceptPlan } from '../../src/model/intercept-plan.ts';
import { checkAnchorGrammar } from './grammar/check.ts';
import { FACTS_PLAN } from './plan.ts';

const golden = (name: string) =>
  Bun.file(new URL(`../fixtures/pf/golden/${name}.conf`, import.meta.url)).text();
const lines = (plan: Partial<InterceptPlan>, v6: V6Path = 'loopback') =>
  renderAnchor({ ...FACTS_PLAN, ...plan }, v6).split('\n');

const GOLDEN: [string, Partial<InterceptPlan>, V6Path, Lo0Form][] = [
  ['list-loopback', {}, 'loopback', 'stateful'],
  ['list-link-local', {}, 'link_local', 'stateful'],
  ['list-blocked', {}, 'blocked', 'stateful'],
  ['all-loopback', { ports: 'all', port: 297 }, 'loopback', 'stateful'],
  ['all-loopback-stateless', { ports: 'all', port: 297 }, 'loopback', 'stateless'],
  [
    'all-blocked-quic-allowed-no-skip',
    { ports: 'all', port: 297, rejectUdp443: false, skip: [] },
    'blocked',
    'stateful',
  ],
];

test.each(GOLDEN)('renders %s byte for byte', async (name, plan, v6, lo0) => {
  expect(renderAnchor({ ...FACTS_PLAN, ...plan }, v6, lo0)).toBe(await golden(name));
});

test('keeps loopback and link-local out of the redirect whatever the plan skips', () => {
  const text = lines({ skip: ['203.0.113.0/24'] });
  expect(text).toContain('table <ra_skip4> const { 203.0.113.0/24, 127.0.0.0/8 }');
  expect(text).toContain('table <ra_skip6> const { ::1/128, fe80::/10 }');
});

test('takes what is diverted out of the skipped ranges, but never loopback and link-local', () => {
  const divert = ['192.168.77.2', '10.0.0.0/8', '127.0.0.1', 'fd77::/64', 'fe80::1'];
  const text = lines({ skip: ['192.168.0.0/16', '10.1.0.0/16', 'fc00::/7'], divert });
  expect(text).toContain(
    'table <ra_skip4> const { 192.168.0.0/16, 127.0.0.0/8, !192.168.77.2/32, !10.0.0.0/8 }',
  );
  expect(text).toContain('table <ra_skip6> const { fc00::/7, ::1/128, fe80::/10, !fd77::/64 }');
  expect(checkAnchorGrammar(text.join('\n'))).toEqual(checkAnchorGrammar(lines({}).join('\n')));
});

test('writes skip ranges in one spelling and once', () => {
  const text = lines({ skip: ['10.0.0.0/08', '10.0.0.0/8', '2001:DB8:0:0::/32'] });
  expect(text).toContain('table <ra_skip4> const { 10.0.0.0/8, 127.0.0.0/8 }');
  expect(text).toContain('table <ra_skip6> const { 2001:db8::/32, ::1/128, fe80::/10 }');
});

test('writes a mapped range as the IPv4 range that it means', () => {
  const text = lines({ skip: ['::ffff:10.0.0.0/104', '::ffff:c0a8:0/112', '::ffff:0:0/90'] });
  expect(text).toContain('table <ra_skip4> const { 10.0.0.0/8, 192.168.0.0/16, 127.0.0.0/8 }');
  expect(text).toContain('table <ra_skip6> const { ::ffff:0:0/90, ::1/128, fe80::/10 }');
});

test.each([
  'example.com/8',
  '10.0.0.0',
  '10/8',
  '10.0.0.0/33',
  'fe80::%en0/10',
  '10.0.0.0/8 }\npass all',
  '',
])('refuses the skip range %p', (range) => {
  expect(() => lines({ skip: [range] })).toThrow('not a CIDR range');
});

test('refuses what would reach a listener that is not of root, in each family with a listener, before it is let in', () => {
  const [v4, v6] = ['inet proto tcp from any to 127.0.0.1', 'inet6 proto tcp from any to'];
  const strangers = (to: string) => `block return in quick on lo0 ${to} port 8443 user != 0 flags S/SA`;
  const listeners = { loopback: [`${v6} ::1`], link_local: [`${v6} fe80::1`], blocked: [] };
  for (const path of V6_PATHS) {
    const inbound = lines({}, path).filter((line) => / in quick /.test(line));
    expect(inbound.filter((line) => line.startsWith('block'))).toEqual(
      [v4, ...listeners[path]].map(strangers),
    );
    for (const [i, line] of inbound.entries()) expect(line.startsWith('block')).toBe(i % 2 === 0);
  }
});

test('matches no user but of the listener, no interface but lo0 and those of sharing, and owners for our own ports only', () => {
  for (const v6 of V6_PATHS) {
    const text = renderAnchor(FACTS_PLAN, v6);
    expect(
      text.match(/^(?!block return in quick on lo0 .* port 8443 user != 0 flags S\/SA$).*\buser\b.*$/gm),
    ).toBeNull();
    expect(new Set(text.match(/ on (?:! )?(?:\{[^}]*\}|[a-z0-9]+)/g))).toEqual(
      new Set([' on lo0', ' on ! lo0', ' on { bridge100, bridge101, bridge102 }']),
    );
    // Each names all ports of the destination: without any, the owner of every fragment would be looked for.
    expect(text.match(/^.*\bgroup\b.*$/gm)).toEqual([
      'block return out quick on ! lo0 proto tcp from any port 20000:29999 to any port 1:65535 group != 399 flags S/SA ! tagged ra_in',
      'pass out on ! lo0 proto tcp from any port 20000:29999 to any port 1:65535 group 399 flags S/SA keep state (tcp.closed 5, tcp.finwait 10, tcp.closing 60)',
    ]);
  }
});

test('redirects every port of a server, and tells replies by the ports they come from', () => {
  const all = lines({ ports: 'all' });
  expect(all).toContain('no rdr on lo0 proto tcp from any port 1:49151 to any port 49152:65535');
  expect(all.filter((line) => line.startsWith('rdr'))).toEqual([
    'rdr on lo0 inet proto tcp from ! 127.0.0.0/8 to any port 1:65535 -> 127.0.0.1 port 8443',
    'rdr on lo0 inet6 proto tcp from ! ::1 to any port 1:65535 -> ::1 port 8443',
  ]);
  expect(all.some((line) => line.includes('1:49151 ') && !line.startsWith('no rdr'))).toBe(false);
});

test('the form without states on lo0 leaves the ports of clients out', () => {
  const all = renderAnchor({ ...FACTS_PLAN, ports: 'all' }, 'loopback', 'stateless').split('\n');
  expect(all).toContain('no rdr on lo0 proto tcp from any to any port 49152:65535');
  expect(all).toContain(
    'pass out quick on lo0 inet proto tcp from any to ! <ra_skip4> port 1:49151 no state',
  );
});

/** The words of rules in their order, two and two, with what names and numbers are in place of themselves. */
function pairs(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => /^(?:no rdr|rdr|pass|block|table)/.test(line))
    .flatMap((line) => {
      const words = line
        .replace(/<\w+>/g, 'TABLE')
        .replace(/(?:\d+\.){3}\d+(?:\/\d+)?|[0-9a-f]*::[0-9a-f]*(?:\/\d+)?/g, 'ADDRESS')
        .replace(/\b\d+(?::\d+)?(?![\w.])/g, 'NUMBER')
        .replace(/\bra_\w+/g, 'NAME')
        .replace(/\b(?:bridge|utun)\d+/g, 'lo0')
        .replace(/\{[^}]*\}/g, (list) => list.match(/ADDRESS|NUMBER|lo0|tcp/)?.[0] ?? list)
        .replace(/\binet6\b/g, 'inet')
        .replace(/([(),])/g, ' $1 ')
        .trim()
        .split(/\s+/);
      return [...words, 'END'].map((word, i) => `${words[i - 1] ?? 'START'} ${word}`);
    });
}

test('puts words behind each other only where rules do that real grammars of pf took', async () => {
  // Of pf.conf(5) itself: `quick` may be left out, and options of a rule stand in any order.
  const taken = new Set(['in on', 'NAME END']);
  for (const name of ['closer', 'mend-quick', 'mends', 'quic', 'scope503', 'scope503-notag'])
    for (const pair of pairs(
      await Bun.file(new URL(`../fixtures/pf/accepted/${name}.conf`, import.meta.url)).text(),
    ))
      taken.add(pair);
  for (const v6 of V6_PATHS) {
    for (const lo0 of ['stateful', 'stateless'] as const) {
      for (const ports of ['all', [80, 443]] as const) {
        const text = renderAnchor({ ...FACTS_PLAN, ports }, v6, lo0);
        expect(pairs(text).filter((pair) => !taken.has(pair))).toEqual([]);
      }
    }
  }
});

test('passes the grammar check for every plan', () => {
  const plans = fc.record({
    port: fc.integer({ min: 1, max: 65_535 }),
    gid: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    skip: fc.array(
      fc.oneof(
        fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([ip, bits]) => `${ip}/${bits}`),
        fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })).map(([ip, bits]) => `${ip}/${bits}`),
      ),
      { maxLength: 20 },
    ),
    ports: fc.oneof(
      fc.constant('all' as const),
      fc.array(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 64 }),
    ),
    rejectUdp443: fc.boolean(),
  });
  fc.assert(
    fc.property(plans, fc.constantFrom(...V6_PATHS), fc.boolean(), (plan, v6, stateful) => {
      expect(checkAnchorGrammar(renderAnchor(plan, v6, stateful ? 'stateful' : 'stateless'))).toEqual([]);
    }),
  );
});
