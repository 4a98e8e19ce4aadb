import { expect, test } from 'bun:test';
import type { Ip, UnixMs } from '../../src/model/brand.ts';
import { type IpRange, PRIVATE_V4_RANGES, PRIVATE_V6_RANGES, parseIpRange } from '../../src/model/ip.ts';
import { divertedRanges, neverSeen, skippedRanges } from '../../src/policy/skip.ts';
import { question } from './examples.ts';

const SKIP = [...PRIVATE_V4_RANGES, ...PRIVATE_V6_RANGES];

function range(text: string): IpRange {
  const read = parseIpRange(text);
  if (!read.ok) throw new Error(read.error);
  return read.range;
}

const diverted = (...blocked: string[]) => divertedRanges(blocked.map(range), SKIP);

test('what rules block in skipped ranges is diverted, inside, around or equal, once each', () => {
  expect(diverted('192.168.77.2', '192.168.77.2', '10.0.0.0/8', 'fd00::/64', '169.254.169.254')).toEqual([
    '10.0.0.0/8',
    '169.254.169.254',
    '192.168.77.2',
    'fd00::/64',
  ]);
  expect(diverted('192.0.0.0/8', '0.0.0.0/0', '::/0')).toEqual(['0.0.0.0/0', '192.0.0.0/8', '::/0']);
  expect(divertedRanges([range('192.168.1.0/24')], ['192.168.1.77/16'])).toEqual(['192.168.1.0/24']);
});

test('nothing is diverted for public addresses, loopback and link-local ones', () => {
  expect(diverted('203.0.113.7', '2001:db8::/32', '127.0.0.1', '127.0.0.0/16', '::1', 'fe80::1')).toEqual([]);
});

test('what can never come to the firewall is told, and why', () => {
  for (const text of ['127.0.0.1', '127.0.0.0/8', '::1', '0.0.0.0', '::'])
    expect(neverSeen(range(text), [])).toContain('itself');
  expect(neverSeen(range('fe80::1'), SKIP)).toContain('link-local');
  for (const text of ['192.168.77.2', '0.0.0.0/0', '0.0.0.0/8', '::/0', '203.0.113.7'])
    expect(neverSeen(range(text), SKIP)).toBeNull();
});

test('a skipped address passes unseen until a rule blocks it; one that came to us is allowed', () => {
  let blocked: IpRange[] = [];
  const skipped = skippedRanges(SKIP, () => blocked);
  const lan = { ...question(), ip: '192.168.77.2' as Ip, now: 1 as UnixMs };
  const allowed = { kind: 'allow', stage: 'skip', reason: 'skipped' } as const;
  expect(skipped.unseen(lan)).toMatchObject(allowed);
  expect(skipped.ask(lan)).toMatchObject(allowed);
  blocked = [range('192.168.77.0/24')];
  expect(skipped.unseen(lan)).toBeNull();
  expect(skipped.unseen({ ...lan, ip: '127.0.0.1' as Ip })).toMatchObject(allowed);
  for (const ip of ['203.0.113.7' as Ip, null]) {
    expect(skipped.unseen({ ...lan, ip })).toBeNull();
    expect(skipped.ask({ ...lan, ip })).toBeNull();
  }
});
