import type { ModelFailure } from '../../model/inquiry.ts';
import { parseRetryAfter } from '../../net/retry-after.ts';

/** What a server said when it did not do what was asked. */
export interface Refusal {
  /** Null for an error within a reply that had begun. */
  readonly status: number | null;
  readonly words: string;
}

/** Why there is no reply. */
export interface ModelFault {
  readonly why: ModelFailure;
  /** For a person, once it is cleaned: it may hold what a server says, and so the key. */
  readonly detail: string;
  readonly refusal: Refusal | null;
}

const CLOSED = /^(ECONNRESET|EPIPE|ConnectionClosed)$/;
const CERTIFICATE = /CERT|SSL|ISSUER|SIGN|VERIFY|CRL|HOSTNAME/i;

/** A fault that is no refusal of the server. */
export function fault(why: ModelFailure, detail: string): ModelFault {
  return { why, detail, refusal: null };
}

/** The fault of an answer whose status is no success; `retryAfter` and `location` are its headers. */
export function statusFault(
  status: number,
  words: string,
  headers: { readonly retryAfter: string | null; readonly location: string | null },
  nowMs: number,
): ModelFault {
  if (status >= 300 && status < 400) {
    const where = headers.location === null ? '' : ` to ${headers.location.slice(0, 200)}`;
    return fault('bad_request', `HTTP ${status}: it redirects${where}; set judge.apiUrl to where the API is`);
  }
  const said = words === '' ? 'no reason given' : words;
  const why = whyOf(status);
  const wait = why === 'rate_limited' ? waitText(headers.retryAfter, nowMs) : '';
  return { why, detail: `HTTP ${status}: ${wait}${said}`, refusal: { status, words } };
}

/** The fault of an error that a server tells of within a reply; some put a status into it. */
export function replyFault(error: unknown, words: string): ModelFault {
  const code = typeof error === 'object' && error !== null && 'code' in error ? Number(error.code) : 0;
  const why = code >= 400 && code < 500 ? whyOf(code) : 'server_error';
  return {
    why,
    detail: `the server broke off: ${words === '' ? 'no reason given' : words}`,
    refusal: { status: null, words },
  };
}

function whyOf(status: number): ModelFailure {
  if (status === 401 || status === 403) return 'refused';
  // 402: the account is empty, which some servers tell with 429.
  if (status === 402 || status === 429) return 'rate_limited';
  return status === 408 || status >= 500 ? 'server_error' : 'bad_request';
}

function waitText(retryAfter: string | null, nowMs: number): string {
  const waitMs = parseRetryAfter(retryAfter ?? undefined, nowMs);
  return waitMs === null ? '' : `it asks to wait ${Math.ceil(waitMs / 1_000)} s; `;
}

/** Causes of no answer, by the codes of Bun's fetch, as the end of a sentence that begins with the address. */
const NO_ANSWER: readonly (readonly [RegExp, string])[] = [
  [/^(ECONNREFUSED|ConnectionRefused)$/, 'nothing listens there'],
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
  return fault(why, `${URL.parse(url)?.host ?? 'the server'}: ${what}${code === '' ? '' : ` (${code})`}`);
}
