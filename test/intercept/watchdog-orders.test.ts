import { expect, test } from 'bun:test';
import { WatchdogOrders } from '../../src/intercept/watchdog-orders.ts';

const PATIENCE = { lookMs: 100, looks: 3 };

const after = (...pieces: string[]): string | null => {
  const orders = new WatchdogOrders(PATIENCE);
  for (const piece of pieces) orders.push(piece);
  return orders.armed;
};

test('the last arming counts, however the lines are cut', () => {
  expect(after('armed 3\narmed 12\n')).toBe('12');
  for (let cut = 0; cut <= 16; cut++) {
    const text = 'armed 3\narmed 12\n';
    expect(after(text.slice(0, cut), text.slice(cut))).toBe('12');
  }
});

test('a line without its end is not an order', () => {
  expect(after('armed 3\n', 'armed 4')).toBe('3');
  expect(after('armed 3\n', 'disarm')).toBe('3');
  expect(after('armed 3\ndisarm\n')).toBeNull();
});

test('what it cannot read changes nothing, however long', () => {
  expect(after('armed 3\n', 'armed ../4\n', 'armed\n', 'garbage\n', '\n')).toBe('3');
  expect(after('armed 3\n', `armed ${'9'.repeat(5_000)}`, '\n')).toBe('3');
  expect(after('armed 3\n', 'x'.repeat(100_000), '\narmed 4\n')).toBe('4');
});

/** Orders after some lines, and the clock of a watchdog that looks on time. */
function guard(...lines: string[]) {
  const orders = new WatchdogOrders(PATIENCE);
  for (const line of lines) orders.push(`${line}\n`);
  let now = 1_000;
  const look = (afterMs = 100): boolean => {
    now += afterMs;
    return orders.look(now);
  };
  look();
  return { orders, look };
}

test('an engine that is silent for so many looks counts as dead, and a beat begins anew', () => {
  const { orders, look } = guard('armed 3', 'beat');
  expect([look(), look()]).toEqual([false, false]);
  orders.push('beat\n');
  expect([look(), look(), look(), look()]).toEqual([false, false, true, true]);
});

test('an engine without rules to remove is guarded from its first beat on', () => {
  const { orders, look } = guard('beat');
  expect([orders.armed, orders.onDuty]).toEqual([null, true]);
  expect([look(), look(), look()]).toEqual([false, false, true]);
});

test('an engine that has not beaten yet, or that ends by itself, is not judged', () => {
  for (const lines of [[], ['armed 3'], ['armed 3', 'beat', 'disarm']]) {
    const { orders, look } = guard(...lines);
    expect([look(), look(), look(), look()]).toEqual([false, false, false, false]);
    expect(orders.onDuty).toBe(lines.length === 1);
  }
});

test('what it cannot read is no beat', () => {
  const { orders, look } = guard('armed 3', 'beat');
  for (const line of ['beats', 'beat ', 'BEAT', '', 'x'.repeat(5_000)]) orders.push(`${line}\n`);
  orders.push('beat');
  expect([look(), look(), look()]).toEqual([false, false, true]);
});

test('a look that comes late does not count: the watchdog was stopped, starved, or the machine asleep', () => {
  const { orders, look } = guard('armed 3', 'beat');
  expect([look(), look()]).toEqual([false, false]);
  expect([look(60_000), look(201), look(3_600_000)]).toEqual([false, false, false]);
  orders.push('beat\n');
  expect([look(), look(150), look()]).toEqual([false, false, true]);
});
