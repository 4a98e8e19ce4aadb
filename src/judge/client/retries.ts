import type { Tokens } from '../../model/inquiry.ts';
import type { Exchanged } from './exchange.ts';
import type { ModelFault } from './failure.ts';
import type { RequestDeadline } from './request-deadline.ts';

/** The first pause before a request that failed in passing is made again; doubled each time, up to the longest. */
const PAUSE_FIRST_MS = 250;
const PAUSE_MAX_MS = 4_000;

/** What came of a request at last. */
export interface Retried extends Exchanged {
  /** The faults after which it was made again, in their order. */
  readonly retried: readonly ModelFault[];
  /** Of all replies that had begun, and the last request. */
  readonly tokens: Tokens;
  /** Of the last request alone: what came before it says nothing of how fast the model is. */
  readonly ms: number;
}

/**
 * Makes a request again while it fails in passing and its time allows for the pause before that. A server that asks for more time than
 * is left is not waited for. Never rejects.
 */
export async function exchangeAgain(
  make: () => Promise<Exchanged>,
  deadline: RequestDeadline,
  retries: boolean,
): Promise<Retried> {
  const retried: ModelFault[] = [];
  const spent = { prompt: 0, completion: 0 };
  for (;;) {
    const startedMs = deadline.spentMs();
    const { reply, fault } = await make();
    const pauseMs = retries && fault !== null ? pauseAfter(fault, retried) : null;
    const isLast =
      fault === null || pauseMs === null || pauseMs >= deadline.leftMs() || deadline.why !== null;
    if (isLast || reply.hasReply) {
      spent.prompt += reply.tokens.prompt;
      spent.completion += reply.tokens.completion;
    }
    if (isLast) {
      const ms = deadline.spentMs() - startedMs;
      return { reply, fault: fault && inFull(fault, retried), retried, tokens: spent, ms };
    }
    retried.push(fault);
    await deadline.pause(pauseMs);
  }
}

/** Milliseconds; null when it is not made again. */
function pauseAfter({ why, retry }: ModelFault, before: readonly ModelFault[]): number | null {
  if (retry === null || before.filter((one) => one.why === why).length >= retry.times) return null;
  return Math.max(retry.afterMs, Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** before.length));
}

/** Of a time that ran out, what it was spent on. */
function inFull(fault: ModelFault, before: readonly ModelFault[]): ModelFault {
  const last = before.at(-1);
  if (last === undefined || fault.why !== 'timed_out') return fault;
  return { ...fault, detail: `${fault.detail}; before that ${last.detail}` };
}
