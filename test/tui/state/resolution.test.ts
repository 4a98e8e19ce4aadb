import { describe, expect, test } from 'bun:test';
import type { FlowRecord } from '../../../src/model/flow.ts';
import { resolutionOf } from '../../../tui/state/resolution.ts';
import { makeFlow, VERDICTS } from '../feed/make-flow.ts';
import { makeQuestion } from '../question/make-question.ts';

const question = makeQuestion(1, { flows: [7, 8], deadline: 10_000 });
const flow = (id: number, part: Partial<Omit<FlowRecord, 'id'>>) =>
  makeFlow(id, { verdict: VERDICTS.asking, ...part });

describe('what became of a question', () => {
  test('is what became of its connections', () => {
    const judged = { ...VERDICTS.ruled, stage: 'judge', reason: 'judged' } as const;
    expect(resolutionOf(question, [flow(8, { effect: 'reset', verdict: judged })], 0)).toBe('blocked: judge');
    const late = { ...VERDICTS.undecided, reason: 'time_over' } as const;
    expect(resolutionOf(question, [flow(7, { effect: 'forward', verdict: late })], 0)).toBe(
      'allowed: no answer in time',
    );
  });

  test('is told by the clock while they are not heard of, and left open else', () => {
    const others = [flow(7, { effect: 'held' }), flow(9, { effect: 'reset' })];
    expect(resolutionOf(question, others, 10_000)).toBe('its time is over');
    expect(resolutionOf(question, others, 5_000)).toBe('it was settled elsewhere');
  });
});
