import { expect, test } from 'bun:test';
import { Counters } from '../../src/engine/counters.ts';
import { acceptVerdict } from '../../src/engine/guard-verdicts.ts';
import { refusedRecord } from '../../src/engine/refused-record.ts';
import type { FlowId, Ip, UnixMs } from '../../src/model/brand.ts';

test('a flow that was held counts once, as what became of it', () => {
  const dst = { ip: '203.0.113.1' as Ip, port: 443 };
  const refused = refusedRecord(1 as FlowId, 0 as UnixMs, dst, 'enforce', acceptVerdict('own_traffic'));
  const counters = new Counters();
  for (let i = 0; i < 3; i++) counters.decided({ ...refused, effect: 'held' });
  counters.settled({ ...refused, effect: 'forward', defaulted: true });
  counters.settled(refused);
  expect(counters.counts(0, 1)).toMatchObject({ total: 3, allowed: 1, blocked: 1, defaulted: 1, held: 1 });
});
