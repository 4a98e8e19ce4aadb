import { describe, expect, test } from 'bun:test';
import { BURST_THRESHOLDS } from '../../lists/score/thresholds.ts';
import {
  BURST,
  type BurstWindow,
  clipBurst,
  EMPTY_BURST,
  judgeBurst,
  pushBurst,
} from '../../src/score/burst.ts';

const filled = (logits: readonly number[]): BurstWindow =>
  logits.reduce((window, logit, i) => pushBurst(window, { name: `n${i}.com`, logit, atMs: i }), EMPTY_BURST);

describe('burst of one process', () => {
  test('says nothing on fewer than three names', () => {
    expect(judgeBurst(filled([9, 9]), BURST_THRESHOLDS)).toMatchObject({ raised: false, count: null });
  });

  test('three generated-looking names raise each other and are the evidence', () => {
    const verdict = judgeBurst(filled([4, 3, 5]), BURST_THRESHOLDS);
    expect(verdict).toMatchObject({ raised: true, count: 3, names: ['n0.com', 'n1.com', 'n2.com'] });
  });

  test('ordinary names stay quiet at any count', () => {
    expect(judgeBurst(filled(Array.from({ length: 10 }, () => -9)), BURST_THRESHOLDS).raised).toBe(false);
  });

  test('one certain name among quiet ones decides nothing', () => {
    expect(clipBurst(80)).toBe(BURST.clip);
    expect(judgeBurst(filled([-9, -9, 80]), [{ count: 3, mean: 0 }]).raised).toBe(false);
  });

  test('holds the last ten names and drops old ones', () => {
    expect(filled(Array.from({ length: 25 }, () => 0)).names).toHaveLength(BURST.maxNames);
    const late = pushBurst(filled([1, 2]), { name: 'late.com', logit: 3, atMs: BURST.spanMs + 10 });
    expect(late.names.map((n) => n.name)).toEqual(['late.com']);
  });

  test('the same name again does not count twice', () => {
    const again = pushBurst(filled([1, 2, 3]), { name: 'n1.com', logit: 2, atMs: 50 });
    expect(again.names.map((n) => n.name)).toEqual(['n0.com', 'n2.com', 'n1.com']);
  });

  test('the window given is left as it was', () => {
    const window = filled([1]);
    pushBurst(window, { name: 'x.com', logit: 1, atMs: 2 });
    expect(window.names).toHaveLength(1);
  });
});
