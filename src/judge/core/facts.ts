import type { Fact, ToolResult } from '../../model/inquiry.ts';
import { dayText } from './day-text.ts';

const DAY_MS = 86_400_000;
/** From this age on a name speaks for itself: most that deceive are given up within weeks. */
const SETTLED_DAYS = 365;
/** A name younger than that is fresh, whatever else is said of it. */
const FRESH_DAYS = 180;

/** A fact that leans neither way. */
export function plainFact(text: string): Fact {
  return { leans: 'neither', text };
}

/** The age of a name, by somebody who is not its owner; `what` begins the sentence. `onlyFrom`: it may be older. */
export function ageFact(what: string, at: number, nowMs: number, onlyFrom = false): Fact {
  const days = (nowMs - at) / DAY_MS;
  const text = `${what} ${dayText(at, nowMs)}`;
  if (days >= SETTLED_DAYS) return { leans: 'for', text };
  return { leans: days < FRESH_DAYS && !onlyFrom ? 'against' : 'neither', text };
}

/** A result as it is shown where no stranger may speak. */
export function factsText({ id, facts }: Pick<ToolResult, 'id' | 'facts'>): string {
  if (id === null) return 'It failed.';
  return facts.map(({ text }) => text).join('\n') || 'It holds nothing but words of strangers.';
}

/** Whether a result speaks for the name. */
export function speaksFor({ facts }: Pick<ToolResult, 'facts'>): boolean {
  return facts.some(({ leans }) => leans === 'for');
}
