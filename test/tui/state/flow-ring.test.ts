import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { FlowRing, firstNot, RING_MAX_FLOWS } from '../../../tui/state/flow-ring.ts';
import { blockedFlow, makeFlow } from '../feed/make-flow.ts';

const ids = (ring: FlowRing) => ring.newestFirst().map((flow) => Number(flow.id));

test('keeps the newest flows and lets the oldest go past its bound', () => {
  const ring = new FlowRing();
  for (let id = 1; id <= RING_MAX_FLOWS + 250; id++) ring.push([makeFlow(id)]);
  expect(ring.newestFirst()).toHaveLength(RING_MAX_FLOWS);
  expect(ids(ring)[0]).toBe(RING_MAX_FLOWS + 250);
  expect(ids(ring).at(-1)).toBe(251);
});

test('takes the newest state of a flow in the place of the older one', () => {
  const ring = new FlowRing();
  expect(ring.push([makeFlow(1), makeFlow(2)])).toBe(2);
  expect(ring.push([blockedFlow(1)])).toBe(0);
  expect(ring.newestFirst().map((flow) => flow.effect)).toEqual(['forward', 'reset']);
});

test('does not bring a dropped flow back when a late state of it arrives', () => {
  const ring = new FlowRing(2);
  ring.push([makeFlow(1), makeFlow(2), makeFlow(3)]);
  expect(ring.push([blockedFlow(1)])).toBe(0);
  expect(ids(ring)).toEqual([3, 2]);
});

test('gives the same array until something changed', () => {
  const ring = new FlowRing();
  ring.push([makeFlow(1)]);
  const before = ring.newestFirst();
  expect(ring.newestFirst()).toBe(before);
  ring.push([makeFlow(2)]);
  expect(ring.newestFirst()).not.toBe(before);
});

test('sorts by id, whatever order flows come in', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 80 }), (arrivals) => {
      const ring = new FlowRing(100);
      for (const id of arrivals) ring.push([makeFlow(id)]);
      expect(ids(ring)).toEqual([...new Set(arrivals)].sort((a, b) => b - a));
    }),
  );
});

test('finds an id, or the next older one when it is gone', () => {
  const ids = [9, 7, 3];
  expect([10, 9, 8, 7, 3, 1].map((id) => firstNot(ids, (other) => other > id))).toEqual([0, 0, 1, 1, 2, 3]);
});
