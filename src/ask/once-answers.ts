import type { Origin, Verdict } from '../model/flow.ts';
import type { Subject } from '../model/subject.ts';

/** How long an answer for once holds for the same program and name: programs try again at once. */
const ONCE_MS = 60_000;
/** Answers remembered; past it the oldest goes. */
const ANSWERS_MAX = 1_000;

/** What a person may say. */
export type Action = 'allow' | 'block';

interface OnceAnswer {
  readonly action: Action;
  readonly untilMs: number;
}

/** What a person answered for once: for the connection that is settled now, and for what its program tries again. */
export class OnceAnswers {
  readonly #clock: () => number;
  readonly #answers = new Map<string, OnceAnswer>();
  /** The connection that is settled at this moment, and how. */
  #now: { readonly origin: Origin; readonly name: string; readonly action: Action } | null = null;

  /** `clock` tells milliseconds, and nobody sets it. */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Settles one connection: `settle` asks `find` again. Remembered for programs that can be told from others only. */
  give(origin: Origin, name: string, action: Action, settle: () => void): void {
    if (origin.path !== null) this.#remember(keyOf(origin.uid, origin.path, name), action);
    this.#now = { origin, name, action };
    try {
      settle();
    } finally {
      this.#now = null;
    }
  }

  find({ origin }: Subject, name: string): Verdict | null {
    if (this.#now !== null && this.#now.origin === origin && this.#now.name === name) {
      return verdictOf(this.#now.action);
    }
    if (this.#answers.size === 0 || origin.path === null) return null;
    const answer = this.#answers.get(keyOf(origin.uid, origin.path, name));
    return answer === undefined || answer.untilMs <= this.#clock() ? null : verdictOf(answer.action);
  }

  #remember(key: string, action: Action): void {
    this.#answers.delete(key);
    this.#answers.set(key, { action, untilMs: this.#clock() + ONCE_MS });
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= ANSWERS_MAX) return;
      this.#answers.delete(oldest);
    }
  }
}

function verdictOf(action: Action): Verdict {
  const text = action === 'allow' ? 'you allowed it for once' : 'you blocked it for once';
  return { kind: action, stage: 'person', reason: 'answered', evidence: [{ kind: 'note', text }] };
}

function keyOf(uid: Origin['uid'], path: string, name: string): string {
  return `${name} ${uid ?? ''} ${path}`;
}
