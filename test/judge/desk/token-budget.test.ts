import { expect, test } from 'bun:test';
import { INQUIRY_TOKENS } from '../../../src/judge/core/state.ts';
import { TokenBudget } from '../../../src/judge/desk/token-budget.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** One program may use three quarters of it. */
const DAILY = 120;

function budgetOf(used: number) {
  const clock = { now: 5_000 };
  const begin = clock.now;
  const budget = new TokenBudget(used, () => clock.now);
  const at = (ms: number): void => {
    clock.now = begin + ms;
  };
  return { budget, at };
}

test('tokens count for a day', () => {
  const { budget, at } = budgetOf(500);
  at(HOUR_MS);
  budget.spend(100, null);
  at(HOUR_MS + 1);
  expect(budget.used).toBe(600);
  at(DAY_MS);
  expect(budget.used).toBe(100);
  at(DAY_MS + HOUR_MS);
  expect(budget.used).toBe(0);
});

test('tokens are counted by program, for a day too', () => {
  const { budget, at } = budgetOf(500);
  at(1_000);
  budget.spend(80, 'curl');
  at(2_000);
  budget.spend(50, 'wget');
  at(HOUR_MS);
  budget.spend(10, 'curl');
  const spentBy = ['curl', 'wget', 'nobody'].filter((program) => budget.isSpentBy(program, DAILY));
  expect(spentBy).toEqual(['curl']);
  at(DAY_MS + 1_000);
  expect(budget.isSpentBy('curl', DAILY)).toBe(false);
});

test('a limit of none is never used up', () => {
  const { budget } = budgetOf(1e9);
  budget.spend(1e9, 'curl');
  expect([budget.isSpent(0), budget.isSpentBy('curl', 0)]).toEqual([false, false]);
  expect(budget.inquiriesLeft(0)).toBe(Number.POSITIVE_INFINITY);
});

test('there are tokens for so many inquiries as may begin before they are used up', () => {
  const { budget } = budgetOf(INQUIRY_TOKENS);
  expect(budget.inquiriesLeft(3 * INQUIRY_TOKENS)).toBe(2);
  expect(budget.inquiriesLeft(INQUIRY_TOKENS + 1)).toBe(1);
  expect(budget.inquiriesLeft(INQUIRY_TOKENS)).toBe(0);
});
