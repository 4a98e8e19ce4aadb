import { expect, test } from 'bun:test';
import { Counters } from '../../../src/engine/control/counters.ts';
import type { FlowId, Ip, UnixMs } from '../../../src/model/brand.ts';
import type { Effect } from '../../../src/model/flow.ts';
import { refusedRecord } from '../../../src/proxy/refused-record.ts';
import { acceptVerdict } from '../../../src/proxy/verdicts.ts';

const ELSEWHERE = { open: 0, held: 0, goneBeforeAccept: 0, turnedAway: 0 };

test('a flow that was held counts once, as what became of it', () => {
  const dst = { ip: '203.0.113.1' as Ip, port: 443 };
  const refused = refusedRecord(1 as FlowId, 0 as UnixMs, dst, 'enforce', acceptVerdict('own_traffic'));
  const counters = new Counters();
  for (let i = 0; i < 3; i++) counters.decided({ ...refused, effect: 'held' });
  counters.settled({ ...refused, effect: 'forward', defaulted: true });
  counters.settled(refused);
  expect(counters.counts({ ...ELSEWHERE, held: 1 })).toMatchObject({
    total: 3,
    allowed: 1,
    blocked: 1,
    defaulted: 1,
    held: 1,
  });
});

test('a flow that is held once more after it was allowed counts as what comes of that', () => {
  const dst = { ip: '203.0.113.1' as Ip, port: 22 };
  const flow = refusedRecord(1 as FlowId, 0 as UnixMs, dst, 'enforce', acceptVerdict('own_traffic'));
  const after = (...effects: Effect[]) => {
    const counters = new Counters();
    let counted: Effect | null = null;
    for (const effect of effects) counted = counters.changed(counted, { ...flow, effect });
    const { total, allowed, blocked } = counters.counts(ELSEWHERE);
    return [total, allowed, blocked];
  };
  expect(after('forward', 'held', 'held')).toEqual([1, 1, 0]);
  expect(after('forward', 'held', 'held', 'forward', 'forward')).toEqual([1, 1, 0]);
  expect(after('forward', 'held', 'reset', 'reset')).toEqual([1, 0, 1]);
  expect(after('held', 'held', 'forward', 'forward')).toEqual([1, 1, 0]);
  expect(after('held', 'forbidden', 'forbidden')).toEqual([1, 0, 1]);
  expect(after('closed')).toEqual([1, 0, 0]);
});
