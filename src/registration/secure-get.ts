import { bodyText } from '../net/body-text.ts';
import { type GetResponse, httpGet } from '../net/http-get.ts';
import type { UnknownWhy } from './answer.ts';

const REDIRECTS_MAX = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const CONNECT_MS = 1_500;
const IDLE_MS = 2_000;

/** How registries are reached. */
export interface Network {
  /** Allows addresses that are not on the internet; for tests. */
  readonly allowLoopback: boolean;
  /** Certificates (PEM) to trust in place of the well-known ones; for tests. */
  readonly ca?: string | undefined;
}

export interface SecureGetOptions extends Network {
  readonly headers: Readonly<Record<string, string>>;
  /** Most bytes of a body, unpacked. */
  readonly bodyMaxBytes: number;
  /** The longest time for one connection to be made, and the longest silence; milliseconds. */
  readonly connectMs?: number;
  readonly idleMs?: number;
  readonly signal: AbortSignal;
  /** Asked before each request, those to where a redirect leads too; a refusal ends it all. */
  readonly admit: (server: string) => Promise<Refusal | null>;
}

/** Why a server must not be asked now. */
export interface Refusal {
  readonly kind: 'failed';
  readonly why: UnknownWhy;
  readonly retryAfterMs: number | null;
  /** For a person. */
  readonly detail: string;
}

/** An answer, its body read when the status is 200 and left unread else; or why there is none. */
export type SecureAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly server: string;
      readonly headers: ReadonlyMap<string, string>;
      readonly text: string;
    }
  | Refusal;

/**
 * Fetches a text over https and nothing else, wherever redirects lead (at most three), from addresses on the internet only; never
 * by a proxy. Never rejects. Settles when nothing of it runs any longer, which a slow name server can hold up past the signal.
 */
export async function secureGet(address: URL, options: SecureGetOptions): Promise<SecureAnswer> {
  let url = address;
  for (let redirects = 0; ; redirects++) {
    const refused = refusedUrl(url) ?? (await options.admit(url.host));
    if (refused !== null) return refused;
    const answer = await getOne(url, options);
    const location = answer.kind === 'answer' ? answer.headers.get('location') : undefined;
    if (answer.kind === 'failed' || !REDIRECTS.has(answer.status) || location === undefined) return answer;
    if (redirects === REDIRECTS_MAX) return failed('malformed', `more than ${REDIRECTS_MAX} redirects`);
    const next = URL.parse(location.slice(0, 2_000), url.href);
    if (next === null) return failed('malformed', 'a redirect leads nowhere');
    url = next;
  }
}

async function getOne(url: URL, options: SecureGetOptions): Promise<SecureAnswer> {
  let response: GetResponse | null = null;
  try {
    response = await httpGet(url, {
      headers: { 'user-agent': 'resolagent', 'accept-encoding': 'identity', ...options.headers },
      connectMs: options.connectMs ?? CONNECT_MS,
      idleMs: options.idleMs ?? IDLE_MS,
      allowPrivate: options.allowLoopback,
      ca: options.ca,
      signal: options.signal,
    });
    const { status, headers } = response.head;
    const text = status === 200 ? await bodyText(response, options.bodyMaxBytes) : '';
    if (text === null) return failed('malformed', `the answer is longer than ${options.bodyMaxBytes} bytes`);
    return { kind: 'answer', status, server: url.host, headers, text };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return failed(options.signal.aborted ? 'timed_out' : 'unreachable', detail);
  } finally {
    response?.close();
  }
}

function refusedUrl(url: URL): Refusal | null {
  if (url.protocol !== 'https:')
    return failed('malformed', `it leads to ${url.protocol}, and only https is asked`);
  return url.username === '' && url.password === ''
    ? null
    : failed('malformed', 'its address holds a password');
}

function failed(why: UnknownWhy, detail: string): Refusal {
  return { kind: 'failed', why, retryAfterMs: null, detail };
}
