import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  ARM_MS,
  isArmed,
  keptQuestions,
  NO_QUESTIONS,
  nextQueue,
  questionAt,
} from '../../../tui/state/question-queue.ts';
import { asking, makeQuestion } from '../question/make-question.ts';

const list = (...ids: number[]) => ids.map((id) => makeQuestion(id));
const start = (...ids: number[]) => nextQueue(NO_QUESTIONS, list(...ids), null, 1_000);

describe('the question in front', () => {
  test('is the one that waits longest, until it is over', () => {
    const queue = start(4, 5, 6);
    expect(queue.front?.id).toBe(4);
    expect(nextQueue(queue, list(4, 5, 6, 7), null, 2_000)).toMatchObject({ front: { id: 4 }, since: 1_000 });
    expect(nextQueue(queue, list(3, 5, 4), null, 2_000)).toMatchObject({ front: { id: 4 }, index: 2 });
    expect(nextQueue(queue, list(5, 6), null, 2_000)).toMatchObject({ front: { id: 5 }, ended: { id: 4 } });
  });

  test('is the one the person turned to, while there is one', () => {
    const queue = nextQueue(start(4, 5, 6), list(4, 5, 6), 6, 2_000);
    expect(queue).toMatchObject({ front: { id: 6 }, index: 2, since: 2_000, ended: null });
    expect(nextQueue(queue, list(4, 5), 6, 3_000)).toMatchObject({ front: { id: 4 }, ended: { id: 6 } });
  });

  test('has stood there since it came, not since its figures changed', () => {
    const queue = start(4);
    const grown = nextQueue(queue, [makeQuestion(4, { waiting: 9, findings: ['x'] })], null, 5_000);
    expect(grown).toMatchObject({ since: 1_000, front: { waiting: 9 } });
    const gone = nextQueue(grown, [], null, 6_000);
    expect(gone).toMatchObject({ front: null, since: 6_000, ended: { id: 4 } });
    expect(nextQueue(gone, [], null, 7_000)).toMatchObject({ since: 6_000, ended: { id: 4 } });
  });

  test('counts as new when a program joins it, and not when one leaves', () => {
    const two = [asking(), asking({ path: '/tmp/evil', name: 'evil' })];
    const queue = start(4);
    const joined = nextQueue(queue, [makeQuestion(4, { apps: two })], null, 5_000);
    expect(joined.since).toBe(5_000);
    expect(joined.ended).toBeNull();
    expect(nextQueue(joined, list(4), null, 6_000).since).toBe(5_000);
  });

  test('is armed after 700 ms, and a clock that is set back does not disarm it for long', () => {
    const queue = start(4);
    expect(isArmed(queue, 1_000 + ARM_MS - 1)).toBe(false);
    expect(isArmed(queue, 1_000 + ARM_MS)).toBe(true);
    const back = nextQueue(queue, list(4), null, -1_000_000);
    expect(isArmed(back, -1_000_000 + ARM_MS)).toBe(true);
    expect(isArmed(NO_QUESTIONS, 0)).toBe(true);
  });

  test('never changes its id without its time beginning anew, whatever comes and goes', () => {
    const lists = fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 6 }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 9 }), (steps, wanted) => {
        let queue = NO_QUESTIONS;
        steps.forEach((ids, step) => {
          const now = step + 1;
          const next = nextQueue(queue, list(...ids), step % 3 === 0 ? wanted : null, now);
          expect(next.front === null).toBe(ids.length === 0);
          if (next.front?.id !== queue.front?.id) expect(next.since).toBe(now);
          expect(next.front).toBe(next.questions[next.index] ?? null);
          queue = next;
        });
      }),
    );
  });
});

test('turning goes round the end both ways', () => {
  const queue = start(4, 5, 6);
  expect(questionAt(queue, 1)?.id).toBe(5);
  expect(questionAt(queue, -1)?.id).toBe(6);
  expect(questionAt(NO_QUESTIONS, 1)).toBeNull();
});

test('the deadlines of all waiting flows are known, and made once for a list', () => {
  const questions = [
    makeQuestion(1, { flows: [10, 11], deadline: 500 }),
    makeQuestion(2, { flows: [], deadline: 9 }),
  ];
  const queue = nextQueue(NO_QUESTIONS, questions, null, 0);
  expect([...queue.deadlines]).toEqual([
    [10, 500],
    [11, 500],
  ]);
  expect(nextQueue(queue, questions, null, 1).deadlines).toBe(queue.deadlines);
});

test('of more questions than the engine opens the first five hundred are kept', () => {
  const many = Array.from({ length: 600 }, (_, at) => makeQuestion(at));
  expect(keptQuestions(many)).toHaveLength(500);
  const few = list(1, 2);
  expect(keptQuestions(few)).toBe(few);
});
