import { setImmediate as nextTurn } from 'node:timers/promises';
import { cutOff, fault, type ModelFault, noAnswer, statusFault } from './failure.ts';
import type { RequestDeadline } from './request-deadline.ts';

/** The longest response, with all that a stream wraps around its pieces. */
const RESPONSE_MAX_BYTES = 8_388_608;
/** Read of a response that tells of an error. */
const ERROR_MAX_CHARS = 65_536;
/** Waited for it; its status is known already. */
const ERROR_MS = 1_000;
/** Taken at once, and the time after which other work of the process gets its turn: a fast server must not hold up connections. */
const SLICE_BYTES = 16_384;
const TURN_MS = 4;

/** The response to a request that was sent; one that is no success becomes a fault, with what the server says in it. Never rejects. */
export async function receiveResponse(
  sent: Promise<Response>,
  url: string,
  deadline: RequestDeadline,
): Promise<Response | ModelFault> {
  // The caller tells it to the person, or the ledger.
  const told = sent.catch((error: unknown) => deadline.why ?? noAnswer(url, error));
  const response = await deadline.within(told);
  if ('why' in response) return response;
  const { status, ok, headers } = response;
  const coding = headers.get('content-encoding') ?? 'identity';
  const isPacked = !/^(identity)?$/i.test(coding.trim());
  if (!ok) {
    const saying = (text: string): ModelFault => statusFault(status, text, headers, Date.now());
    deadline.linger(ERROR_MS, saying(''));
    return saying(isPacked ? '' : (await readText(response, deadline, ERROR_MAX_CHARS)).text);
  }
  return isPacked ? fault('broken', `the server compresses its answer (${coding}), unasked`) : response;
}

/** As much of a response's text as there is and fits, and how it broke off, null when it did not. Never rejects. */
export async function readText(
  response: Response,
  deadline: RequestDeadline,
  maxChars: number,
): Promise<{ readonly text: string; readonly broke: ModelFault | null }> {
  const decoder = new TextDecoder();
  let text = '';
  const broke = await readSlices(response, deadline, (slice) => {
    text += decoder.decode(slice, { stream: true });
    return text.length < maxChars ? 'more' : 'enough';
  });
  return { text, broke };
}

/**
 * Reads a response slice by slice within its deadline, until `take` has enough; what is left unread is cut off. Null when it came to its
 * end or `take` had enough. Never rejects.
 */
export async function readSlices(
  response: Response,
  deadline: RequestDeadline,
  take: (slice: Uint8Array) => 'more' | 'enough',
): Promise<ModelFault | null> {
  const reader = response.body?.getReader();
  if (reader === undefined) return null;
  let size = 0;
  let turnMs = performance.now();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return null;
      deadline.heard();
      for (let at = 0; at < value.length; at += SLICE_BYTES) {
        const slice = value.subarray(at, at + SLICE_BYTES);
        size += slice.length;
        if (size > RESPONSE_MAX_BYTES) return fault('too_long', `more than ${RESPONSE_MAX_BYTES} bytes`);
        if (take(slice) === 'enough') return null;
        if (performance.now() - turnMs < TURN_MS) continue;
        await nextTurn();
        if (deadline.why !== null) return deadline.why;
        turnMs = performance.now();
      }
    }
  } catch {
    // However it broke: the person is told that it did.
    return deadline.why ?? cutOff('the connection broke off in the middle of the answer');
  } finally {
    // Not waited for: a server may hold it up.
    reader.cancel().catch(() => undefined);
  }
}
