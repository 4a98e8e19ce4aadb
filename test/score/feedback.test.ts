import { describe, expect, test } from 'bun:test';
import type { Host, UnixMs } from '../../src/model/brand.ts';
import {
  FEEDBACK,
  feedbackEffect,
  forget,
  indexFeedback,
  learn,
  NO_FEEDBACK,
} from '../../src/score/feedback.ts';

const said = (label: string, word: 'allow' | 'block', at = 0) => ({
  host: `${label}.com` as Host,
  label,
  said: word,
  at: at as UnixMs,
});
const shift = (state: typeof NO_FEEDBACK, label: string) =>
  feedbackEffect(indexFeedback(state), label).shift.generated;

describe('feedback', () => {
  test('without examples nothing moves', () => {
    expect(feedbackEffect(indexFeedback(NO_FEEDBACK), 'qkzjxw')).toMatchObject({
      shift: { generated: 0, phishing: 0 },
      nearest: null,
    });
  });

  test('moves the name itself and names like it, in the direction that was said', () => {
    const state = learn(NO_FEEDBACK, said('cdn-static-4711', 'allow'));
    expect(shift(state, 'cdn-static-4711')).toBe(-FEEDBACK.step);
    expect(shift(state, 'cdn-static-4712')).toBeLessThan(0);
    expect(shift(learn(NO_FEEDBACK, said('freegifts4you', 'block')), 'freegifts4u')).toBeGreaterThan(0);
  });

  test('leaves unlike names alone', () => {
    expect(shift(learn(NO_FEEDBACK, said('cdn-static-4711', 'allow')), 'wikipedia')).toBe(0);
  });

  test('never moves a name by more than the stated amount', () => {
    let state = NO_FEEDBACK;
    for (let i = 0; i < 60; i++) state = learn(state, said(`tracker-node-${i}`, 'block', i));
    expect(shift(state, 'tracker-node-7')).toBe(FEEDBACK.maxShift);
  });

  test('is undone without a trace', () => {
    const one = learn(NO_FEEDBACK, said('alpha-one', 'allow'));
    const two = learn(one, said('alpha-two', 'block'));
    expect(forget(two, 'alpha-two.com' as Host)).toEqual(one);
    expect(forget(one, 'alpha-one.com' as Host)).toEqual(NO_FEEDBACK);
  });

  test('a second word on a host replaces the first', () => {
    const state = learn(learn(NO_FEEDBACK, said('alpha', 'allow')), said('alpha', 'block', 5));
    expect(state.examples).toEqual([said('alpha', 'block', 5)]);
  });

  test('forgets the oldest beyond its bound', () => {
    let state = NO_FEEDBACK;
    for (let i = 0; i < FEEDBACK.maxExamples + 5; i++) state = learn(state, said(`name${i}`, 'allow', i));
    expect(state.examples).toHaveLength(FEEDBACK.maxExamples);
    expect(state.examples[0]?.label).toBe('name5');
  });

  test('names the example that moved a score most', () => {
    const state = learn(learn(NO_FEEDBACK, said('cdn-static-4711', 'allow')), said('wikipedia', 'block'));
    const effect = feedbackEffect(indexFeedback(state), 'cdn-static-4712');
    expect(effect.nearest?.label).toBe('cdn-static-4711');
    expect(effect.likeness).toBeGreaterThan(FEEDBACK.minLikeness);
  });
});
