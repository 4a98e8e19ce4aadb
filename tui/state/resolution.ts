import type { FlowRecord } from '../../src/model/flow.ts';
import type { Prompt } from '../../src/schema/prompt.ts';
import { REASON_WORDS } from '../words/reasons.ts';

/** Engine and screen tell each other the end of a wait within this. */
const SLACK_MS = 500;

/** Whether a question that is over ended because nobody answered. */
export function hasTimedOut({ deadline }: Prompt, now: number): boolean {
  return now >= deadline - SLACK_MS;
}

/** How a question was resolved, as far as the connections that waited tell: `allowed: judge`, `its time is over`. */
export function resolutionOf(question: Prompt, flows: readonly FlowRecord[], now: number): string {
  const waited = new Set(question.flows);
  const settled = flows.find((flow) => waited.has(flow.id) && flow.effect !== 'held');
  if (settled !== undefined) {
    const word = settled.effect === 'forward' ? 'allowed' : 'blocked';
    return `${word}: ${REASON_WORDS[settled.verdict.reason]}`;
  }
  return hasTimedOut(question, now) ? 'its time is over' : 'it was settled elsewhere';
}
