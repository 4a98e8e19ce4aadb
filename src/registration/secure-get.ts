import { reachable } from '../net/reachable.ts';
import { followRedirects } from '../net/redirects.ts';
import { bodyUpTo } from '../net/response-body.ts';
import type { UnknownWhy } from './answer.ts';

const REDIRECTS_MAX = 3;
const CONNECT_MS = 1_500;
const IDLE_MS = 2_000;

/** How registries are reached. */
export interface Network {
  /** Allows addresses that are not on the internet; for tests. */
  readonly allowPrivate: boolean;
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
  const { allowPrivate, ca, bodyMaxBytes, signal } = options;
  const broken = (detail: string): Refusal => failed(signal.aborted ? 'timed_out' : 'unreachable', detail);
  const walked = await followRedirects<Refusal>(address, {
    headers: { 'user-agent': 'resolagent', 'accept-encoding': 'identity', ...options.headers },
    connectMs: options.connectMs ?? CONNECT_MS,
    idleMs: options.idleMs ?? IDLE_MS,
    redirectsMax: REDIRECTS_MAX,
    protocols: ['https:'],
    ca,
    signal,
    admit: async ({ host, hostname }) => {
      const refused = await options.admit(host);
      if (refused !== null) return { refused };
      const where = await reachable(hostname, { allowPrivate: allowPrivate });
      return where.kind === 'ok' ? where : { refused: broken(where.why) };
    },
  });
  const { url } = walked;
  switch (walked.kind) {
    case 'refused':
      return walked.why;
    case 'barred':
      return failed('malformed', `${url.protocol}//${url.host} ${walked.why}`);
    case 'stopped':
      return failed('malformed', walked.why);
    case 'failed':
      return broken(walked.error instanceof Error ? walked.error.message : String(walked.error));
    case 'answer': {
      const { status, headers } = walked.response.head;
      const answer = { kind: 'answer', status, server: url.host, headers } as const;
      if (status !== 200) {
        walked.response.close();
        return { ...answer, text: '' };
      }
      const { bytes, cut, isTooLong } = await bodyUpTo(walked.response, bodyMaxBytes);
      if (isTooLong) return failed('malformed', `the answer is longer than ${bodyMaxBytes} bytes`);
      return cut === null ? { ...answer, text: new TextDecoder().decode(bytes) } : broken(cut);
    }
    default:
      return walked satisfies never;
  }
}

function failed(why: UnknownWhy, detail: string): Refusal {
  return { kind: 'failed', why, retryAfterMs: null, detail };
}
