import type { ModelFailure } from '../../model/inquiry.ts';
import { boundedJson } from '../../net/bounded-json.ts';
import { parseRetryAfter } from '../../net/retry-after.ts';

/**
 * Most of what a server says that is looked at, and that is kept until the key is taken out of it. Much more than is told: what is cut
 * within a key holds a part of it.
 */
const WORDS_MAX_CHARS = 8_192;
const DEPTH_MAX = 4;
/** Where they stand in its JSON: `{"error":{"message":"…"}}`, `{"error":"…"}`, `{"detail":[{"msg":"…"}]}`. */
const WORD_KEYS = ['error', 'message', 'detail', 'msg', '0'];
const NO_WORDS = 'no reason given';
const MILLISECONDS = /^\d{1,12}(?:\.\d{1,9})?$/;

/** How a request that failed in passing is made again. */
export interface Retry {
  /** Not before so many milliseconds are over, as the server asks. */
  readonly afterMs: number;
  /** How often after faults of this kind; what lasts longer does not pass, or costs too much. */
  readonly times: number;
}

/** A server that closes connections, or met a fault of its own that may be for good: about 12 seconds. */
const A_WHILE = 6;
/** Nothing listens any more: two to four seconds, for one that is started again at once. Longer, and it is dead: who waits is told. */
const GONE: Retry = { afterMs: 0, times: 3 };
/** A reply that broke off: each costs tokens. */
const CUT_OFF: Retry = { afterMs: 0, times: 3 };
/** Statuses of servers, and of what stands before them, that are busy, restart or load a model. */
const PASSING: ReadonlySet<number> = new Set([408, 429, 502, 503, 504, 529]);
/** Refusals that no other request would mend. */
export const HOPELESS =
  /context.{0,20}(?:length|window|size)|too many tokens|(?:model|engine)\b.{0,80}\b(?:not (?:found|loaded|exist|available)|does not exist|unknown)|no models? (?:is |are )?loaded|(?:unknown|no such|invalid) model|quota|billing|api key/i;
/** An account without money, which OpenAI tells as a 429 too. */
const SPENT = /insufficient_quota/;

/** Why there is no reply. */
export interface ModelFault {
  readonly why: ModelFailure;
  /** For a person, once it is cleaned: it may hold what a server says, and so the key. */
  readonly detail: string;
  /** What the server said, with its status; that is null for an error within a reply. Null where it refused nothing. */
  readonly refusal: { readonly status: number | null; readonly words: string } | null;
  /** Null where the same request would fail the same way. */
  readonly retry: Retry | null;
}

export function fault(
  why: ModelFailure,
  detail: string,
  refusal: ModelFault['refusal'] = null,
  retry: Retry | null = null,
): ModelFault {
  return { why, detail: detail.slice(0, WORDS_MAX_CHARS), refusal, retry };
}

/** The fault of an answer that ended before it was whole. */
export function cutOff(detail: string): ModelFault {
  return fault('broken', detail, null, CUT_OFF);
}

/** The fault of an answer whose status is no success, with what its text says: JSON in any of the forms in use, HTML, or plain text. */
export function statusFault(status: number, text: string, headers: Headers, nowMs: number): ModelFault {
  if (status < 400) {
    const location = headers.get('location');
    const where = location === null ? '' : ` to ${location}`;
    return fault('bad_request', `HTTP ${status}: it redirects${where}; set judge.apiUrl to where the API is`);
  }
  const json = boundedJson(text);
  const said = json === undefined ? text.replace(/<[^<>]{0,500}>/g, ' ') : wordsOf(json);
  const words = said.replace(/\s+/g, ' ').trim().slice(0, WORDS_MAX_CHARS);
  const waitMs = askedWaitMs(headers, nowMs);
  const wait = waitMs === null ? '' : `it asks to wait ${Math.ceil(waitMs / 1_000)} s; `;
  const retry = SPENT.test(text) ? null : retryOf(status, words, waitMs ?? 0);
  return fault(whyOf(status), `HTTP ${status}: ${wait}${words || NO_WORDS}`, { status, words }, retry);
}

/** How long a server asks to wait; OpenAI and Azure tell it in milliseconds too. */
function askedWaitMs(headers: Headers, nowMs: number): number | null {
  const ms = headers.get('retry-after-ms')?.trim() ?? '';
  if (MILLISECONDS.test(ms)) return Number(ms);
  return parseRetryAfter(headers.get('retry-after') ?? '', nowMs);
}

function retryOf(status: number, words: string, afterMs: number): Retry | null {
  if (PASSING.has(status)) return { afterMs, times: Number.POSITIVE_INFINITY };
  return status === 500 && !HOPELESS.test(words) ? { afterMs, times: A_WHILE } : null;
}

/** The fault of an error that a server tells of within a reply; some put a status into it. */
export function replyFault(error: unknown): ModelFault {
  const code = typeof error === 'object' && error !== null && 'code' in error ? Number(error.code) : 0;
  const why = code >= 400 && code < 500 ? whyOf(code) : 'server_error';
  const words = wordsOf(error);
  const retry = retryOf(code || 500, words, 0);
  return fault(why, `the server broke off: ${words || NO_WORDS}`, { status: null, words }, retry);
}

function wordsOf(value: unknown, depth = 0): string {
  if (typeof value === 'string') return value.slice(0, WORDS_MAX_CHARS);
  if (typeof value !== 'object' || value === null || depth === DEPTH_MAX) return '';
  const found = WORD_KEYS.map((key) => wordsOf((value as Record<string, unknown>)[key], depth + 1));
  return found.find((words) => words.trim() !== '') ?? '';
}

function whyOf(status: number): ModelFailure {
  if (status === 401 || status === 403) return 'refused';
  // 402: the account is empty, which some servers tell with 429.
  if (status === 402 || status === 429) return 'rate_limited';
  return status === 408 || status >= 500 ? 'server_error' : 'bad_request';
}

const CLOSED = /^(ECONNRESET|EPIPE|ConnectionClosed)$/;
const REFUSED = /^(ECONNREFUSED|ConnectionRefused)$/;
const CERTIFICATE = /CERT|SSL|ISSUER|SIGN|VERIFY|CRL|HOSTNAME/i;
/** Causes of no answer, by the codes of Bun's fetch, as the end of a sentence that begins with the address. */
const NO_ANSWER: readonly (readonly [RegExp, string])[] = [
  [REFUSED, 'nothing listens there'],
  [/^(ENOTFOUND|EAI_|DNS)/, 'its name cannot be resolved'],
  [/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/, 'there is no way to it'],
  [/^ETIMEDOUT$/, 'it does not answer'],
  [/^EPROTO$/, 'what listens there does not speak TLS'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'its certificate is for another name'],
  [CLOSED, 'it closed the connection without an answer'],
  [/HTTP|Upgrade|Header/i, 'what listens there does not speak HTTP as a model server does'],
];

/** The fault of a server from which no answer came; `error` is what fetch rejected with. */
export function noAnswer(url: string, error: unknown): ModelFault {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  const known = NO_ANSWER.find(([codes]) => codes.test(code))?.[1];
  const what = known ?? (CERTIFICATE.test(code) ? `its certificate is not valid: ${message}` : message);
  // A server that took the connection is there, and may do better with the next.
  const why = CLOSED.test(code) ? 'broken' : 'unreachable';
  const detail = `${URL.parse(url)?.host ?? 'the server'}: ${what}${code === '' ? '' : ` (${code})`}`;
  if (REFUSED.test(code)) return fault(why, detail, null, GONE);
  return fault(why, detail, null, CLOSED.test(code) ? { afterMs: 0, times: A_WHILE } : null);
}
