import type { Prompt } from '../../src/schema/prompt.ts';

/** Most questions kept; the engine opens no more at once. */
const QUESTIONS_MAX = 500;
/** What came to the front less than this ago may not be what the person aimed at. */
export const ARM_MS = 700;

/** The open questions, and the one in front, which the keys act on. */
export interface QuestionQueue {
  /** Longest waiting first. */
  readonly questions: readonly Prompt[];
  /** Null when there are none. */
  readonly front: Prompt | null;
  readonly index: number;
  /** Since when what is in front has been seen there as it is, or nothing: milliseconds since 1970. */
  readonly since: number;
  /** The question that was in front before and is over; null when the person turned to another. */
  readonly ended: Prompt | null;
  /** Until when flows wait at least, by their ids. */
  readonly deadlines: ReadonlyMap<number, number>;
}

/** A queue before anything was asked. */
export const NO_QUESTIONS: QuestionQueue = {
  questions: [],
  front: null,
  index: 0,
  since: Number.NEGATIVE_INFINITY,
  ended: null,
  deadlines: new Map(),
};

/** What of a list is kept. */
export function keptQuestions(questions: readonly Prompt[]): readonly Prompt[] {
  return questions.length > QUESTIONS_MAX ? questions.slice(0, QUESTIONS_MAX) : questions;
}

/**
 * The next queue: a question stays in front until it is over or the person turns to another (`wanted`), whatever
 * comes or goes around it. Its time in front begins anew when a further program joins it: an answer is for all of them.
 */
export function nextQueue(
  before: QuestionQueue,
  questions: readonly Prompt[],
  wanted: number | null,
  now: number,
): QuestionQueue {
  const at = (id: number | undefined) => questions.findIndex((question) => question.id === id);
  const index = [at(wanted ?? undefined), at(before.front?.id), 0].find((place) => place >= 0) ?? 0;
  const front = questions[index] ?? null;
  const deadlines = questions === before.questions ? before.deadlines : deadlinesOf(questions);
  const stays = front?.id === before.front?.id && !hasNewProgram(before.front, front);
  if (stays) {
    // A clock that was set back must not disarm the keys for as long.
    return { ...before, questions, front, index, deadlines, since: Math.min(before.since, now) };
  }
  const isOver = before.front !== null && at(before.front.id) < 0;
  return { questions, front, index, since: now, ended: isOver ? before.front : null, deadlines };
}

/** The question `by` places on, round the end. */
export function questionAt(queue: QuestionQueue, by: number): Prompt | null {
  const count = queue.questions.length;
  return count === 0 ? null : (queue.questions[(queue.index + by + count) % count] ?? null);
}

/** Whether what is in front has been there long enough to be what the person means. */
export function isArmed(queue: QuestionQueue, now: number): boolean {
  return now - queue.since >= ARM_MS;
}

function hasNewProgram(before: Prompt | null, after: Prompt | null): boolean {
  if (before === null || after === null) return false;
  const nameOf = ({ path, name }: Prompt['apps'][number]) => path ?? name;
  return after.apps.some((app) => !before.apps.some((other) => nameOf(other) === nameOf(app)));
}

function deadlinesOf(questions: readonly Prompt[]): ReadonlyMap<number, number> {
  const deadlines = new Map<number, number>();
  for (const { flows, deadline } of questions) for (const flow of flows) deadlines.set(flow, deadline);
  return deadlines;
}
