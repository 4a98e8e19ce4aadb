import { fault, type ModelFault, noAnswer, statusFault } from './failure.ts';
import type { RequestDeadline } from './request-deadline.ts';
import { type Destination, sendRequest } from './send.ts';
import { textWords } from './words.ts';

/** The longest answer, with all that a stream wraps around its pieces. */
const ANSWER_MAX_BYTES = 8_388_608;
/** Read of an answer that tells of an error. */
const ERROR_MAX_BYTES = 65_536;
/** Waited for it; its status is known already. */
const ERROR_MS = 1_000;
/** Taken at once, and the time after which other work of the process gets its turn: a fast server must not hold up connections. */
const SLICE_BYTES = 16_384;
const TURN_MS = 4;

/** Makes one request; answers that are no success become faults, with what the server says in them. Never rejects. */
export async function requestAnswer(
  url: string,
  body: string | null,
  destination: Destination,
  watch: RequestDeadline,
): Promise<Response | ModelFault> {
  let answer: Response;
  try {
    answer = await sendRequest(url, body, destination, watch.signal);
  } catch (error) {
    // The caller tells it to the person, or the ledger.
    return watch.fault ?? noAnswer(url, error);
  }
  const { status, headers } = answer;
  const coding = headers.get('content-encoding') ?? 'identity';
  const isPacked = !/^(identity)?$/i.test(coding.trim());
  if (status < 200 || status > 599 || status === 204 || status === 205) {
    return fault('broken', `HTTP ${status} is no answer to a question`);
  }
  if (status >= 300) {
    const told = { retryAfter: headers.get('retry-after'), location: headers.get('location') };
    watch.linger(ERROR_MS, statusFault(status, '', told, Date.now()));
    const words = isPacked ? '' : textWords(await errorText(answer, watch));
    return statusFault(status, words, told, Date.now());
  }
  if (!isPacked) return answer;
  return fault('broken', `the server compresses its answer (${coding.slice(0, 40)}), unasked`);
}

/**
 * Reads the body of an answer within the watch's time, until `take` has enough; what is left unread is cut off. Null when it came to its
 * end or `take` had enough. Never rejects.
 */
export async function readBody(
  answer: Response,
  watch: RequestDeadline,
  take: (bytes: Uint8Array) => 'more' | 'enough',
): Promise<ModelFault | null> {
  const reader = answer.body?.getReader();
  if (reader === undefined) return null;
  let size = 0;
  let turnMs = performance.now();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return null;
      watch.heard();
      for (let at = 0; at < value.length; at += SLICE_BYTES) {
        const slice = value.subarray(at, at + SLICE_BYTES);
        size += slice.length;
        if (size > ANSWER_MAX_BYTES) return fault('too_long', `more than ${ANSWER_MAX_BYTES} bytes`);
        if (take(slice) === 'enough') return null;
        if (performance.now() - turnMs < TURN_MS) continue;
        await new Promise<void>((resolve) => setImmediate(resolve));
        if (watch.fault !== null) return watch.fault;
        turnMs = performance.now();
      }
    }
  } catch {
    // However it broke: the person is told that it did.
    return watch.fault ?? fault('broken', 'the connection broke off in the middle of the answer');
  } finally {
    // Not waited for: a server may hold it up.
    reader.cancel().catch(() => undefined);
  }
}

/** The beginning of what a server says of an error; as much as comes in time. */
async function errorText(answer: Response, watch: RequestDeadline): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  await readBody(answer, watch, (bytes) => {
    pieces.push(bytes);
    size += bytes.length;
    return size < ERROR_MAX_BYTES ? 'more' : 'enough';
  });
  return new TextDecoder().decode(Buffer.concat(pieces));
}
