import { expect, test } from 'bun:test';
import { judgeLines } from '../../../src/cli/judge/state.ts';
import { sampleStatus } from '../../control/sample-status.ts';

const linesOf = (over: object) => [...judgeLines({ ...sampleStatus().judge, detail: null, ...over })];
const RESTED = { done: 1, running: 0, waiting: 0, marked: 0, tokensToday: 9, dailyTokens: 0 };

test('a judge that is off takes one line', () => {
  expect(linesOf({ state: 'off' })).toEqual(['off by configuration (judge.enabled)']);
});

test('a judge at work says whose model it is, what it does and what it spent, nothing of what there is not', () => {
  const model = { model: 'm', apiUrl: 'http://127.0.0.1:1234/v1' };
  expect(linesOf({ state: 'ready', ...model, ...RESTED })).toEqual([
    'ready',
    'm at http://127.0.0.1:1234/v1',
    '1 inquiry, 9 tokens in 24 hours',
  ]);
  const busy = { done: 5, running: 2, waiting: 1, marked: 1, tokensToday: 9, dailyTokens: 70 };
  expect(linesOf({ state: 'ready', ...model, ...busy }).slice(2)).toEqual([
    '5 inquiries, 2 running, 1 waiting, 9 of 70 tokens in 24 hours',
    '1 inquiry with signs of an attempt on it',
  ]);
});

test('why it is not asked stands in the first line, made harmless', () => {
  expect(linesOf({ state: 'unreachable', detail: 'nothing \u001b[31mlistens there' })[0]).toBe(
    'not there, tried again by itself: nothing ·[31mlistens there',
  );
  expect(linesOf({ state: 'refused', detail: 'HTTP 401' })[0]).toBe('cannot be asked: HTTP 401');
  expect(linesOf({ state: 'out_of_tokens', dailyTokens: 1 })[0]).toBe(
    'out of tokens: judge.dailyTokens = 1 are used up; it goes on within 24 hours',
  );
});
