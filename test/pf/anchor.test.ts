import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { renderAnchor } from '../../pf/anchor.ts';
import { V6_PATHS, type V6Path } from '../../pf/anchor-name.ts';
import type { InterceptPlan } from '../../src/model/intercept-plan.ts';
import { checkAnchorGrammar } from './grammar/check.ts';
import { FACTS_PLAN } from './plan.ts';

const golden = (name: string) =>
  Bun.file(new URL(`../fixtures/pf/golden/${name}.conf`, import.meta.url)).text();
const lines = (plan: Partial<InterceptPlan>, v6: V6Path = 'loopback') =>
  renderAnchor({ ...FACTS_PLAN, ...plan }, v6).split('\n');

const GOLDEN: [string, Partial<InterceptPlan>, V6Path][] = [
  ['list-loopback', {}, 'loopback'],
  ['list-link-local', {}, 'link_local'],
  ['list-blocked', {}, 'blocked'],
  ['all-loopback', { ports: 'all', port: 297 }, 'loopback'],
  ['all-blocked-quic-allowed-no-skip', { ports: 'all', port: 297, rejectUdp443: false, skip: [] }, 'blocked'],
];

test.each(GOLDEN)('renders %s byte for byte', async (name, plan, v6) => {
  expect(renderAnchor({ ...FACTS_PLAN, ...plan }, v6)).toBe(await golden(name));
});

test('keeps loopback and link-local out of the redirect whatever the plan skips', () => {
  const text = lines({ skip: ['203.0.113.0/24'] });
  expect(text).toContain('table <ra_skip4> const { 203.0.113.0/24, 127.0.0.0/8 }');
  expect(text).toContain('table <ra_skip6> const { ::1/128, fe80::/10 }');
});

test('writes skip ranges in one spelling and once', () => {
  const text = lines({ skip: ['10.0.0.0/08', '10.0.0.0/8', '2001:DB8:0:0::/32'] });
  expect(text).toContain('table <ra_skip4> const { 10.0.0.0/8, 127.0.0.0/8 }');
  expect(text).toContain('table <ra_skip6> const { 2001:db8::/32, ::1/128, fe80::/10 }');
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

test('matches no user but of the listener and no interface but lo0, and puts ports before the group', () => {
  for (const v6 of V6_PATHS) {
    const text = renderAnchor(FACTS_PLAN, v6);
    expect(
      text.match(/^(?!block return in quick on lo0 .* port 8443 user != 0 flags S\/SA$).*\buser\b.*$/gm),
    ).toBeNull();
    expect(text.match(/ on !? ?[a-z0-9]+/g)?.every((on) => on.endsWith('lo0'))).toBe(true);
    expect(text.match(/^.*\bgroup\b.*$/gm)).toEqual([
      'pass out quick on ! lo0 proto tcp from any port 20000:29999 to any group 399 flags S/SA keep state',
    ]);
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
    fc.property(plans, fc.constantFrom(...V6_PATHS), (plan, v6) => {
      expect(checkAnchorGrammar(renderAnchor(plan, v6))).toEqual([]);
    }),
  );
});
