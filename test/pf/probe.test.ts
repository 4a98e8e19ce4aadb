import { expect, test } from 'bun:test';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { freeAddress, interfaceRanges, probeTargets } from '../../pf/probe.ts';
import { FACTS_PLAN } from './plan.ts';

test('finds an address of the benchmarking range that no interface has, or says that there is none', () => {
  const network = fc
    .tuple(fc.integer({ min: 18, max: 19 }), fc.nat(255), fc.nat(255), fc.integer({ min: 15, max: 32 }))
    .map(([second, third, fourth, bits]) => `198.${second}.${third}.${fourth}/${bits}`);
  fc.assert(
    fc.property(
      fc.array(network, { maxLength: 3 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (networks, random) => {
        const ip = freeAddress(() => random, networks);
        if (ip === null) {
          expect(networks.some((range) => Number(range.split('/')[1]) <= 16)).toBe(true);
          return;
        }
        const address = ipaddr.IPv4.parse(ip);
        expect(address.match(ipaddr.IPv4.parse('198.18.0.0'), 15)).toBe(true);
        for (const range of networks) expect(address.match(ipaddr.IPv4.parseCIDR(range))).toBe(false);
      },
    ),
  );
});

test('knocks at ports that the form of the rules redirects', () => {
  const last = (form: 'stateful' | 'stateless') =>
    probeTargets({ ...FACTS_PLAN, ports: 'all' }, form, () => 0.999_999, []).v4?.port;
  expect([last('stateful'), last('stateless')]).toEqual([65_535, 49_151]);
});

test('knows the networks of this machine', () => {
  expect(interfaceRanges()).toContain('127.0.0.1/8');
});
