import { type ReachOptions, reachable } from './reachable.ts';
import { followRedirects } from './redirects.ts';
import { bodyUpTo } from './response-body.ts';

const REDIRECTS_MAX = 3;
const CONNECT_MS = 1_500;
const IDLE_MS = 2_000;

/** How services are reached. */
export interface Network extends ReachOptions {
  /** Certificates (PEM) to trust in place of the well-known ones; for tests. */
  readonly ca?: string | undefined;
}

/** `R` is what may be said against asking a server. */
export interface SecureGetOptions<R> extends Network {
  readonly headers: Readonly<Record<string, string>>;
  /** Most bytes of a body, unpacked. */
  readonly bodyMaxBytes: number;
  /** The longest time for one connection to be made, and the longest silence; milliseconds. */
  readonly connectMs?: number;
  readonly idleMs?: number;
  /** Three when not given; 0 takes a redirect for an answer. */
  readonly redirectsMax?: number;
  readonly signal: AbortSignal;
  /** Asked before each request, those to where a redirect leads too; what it says ends it all. */
  readonly admit?: (server: string) => Promise<R | null>;
}

/** Why there is no answer; `detail` is for a person. */
interface Failed {
  readonly kind: 'failed';
  readonly why: 'malformed' | 'timed_out' | 'unreachable';
  readonly detail: string;
}

/** An answer, its body read when the status is 200 and left unread else; or why there is none. */
export type SecureAnswer<R> =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly server: string;
      readonly headers: ReadonlyMap<string, string>;
      readonly text: string;
    }
  | Failed
  | R;

/**
 * Fetches a text over https and nothing else, wherever redirects lead, from addresses on the internet only; never by a proxy.
 * Never rejects. Settles when nothing of it runs any longer, which a slow name server can hold up past the signal.
 */
export async function secureGet<R = never>(
  address: URL,
  options: SecureGetOptions<R>,
): Promise<SecureAnswer<R>> {
  const { bodyMaxBytes, signal } = options;
  const failed = (why: Failed['why'], detail: string): Failed => ({ kind: 'failed', why, detail });
  const broken = (detail: string) => failed(signal.aborted ? 'timed_out' : 'unreachable', detail);
  const walked = await followRedirects<Failed | R>(address, {
    headers: { 'user-agent': 'resolagent', 'accept-encoding': 'identity', ...options.headers },
    connectMs: options.connectMs ?? CONNECT_MS,
    idleMs: options.idleMs ?? IDLE_MS,
    redirectsMax: options.redirectsMax ?? REDIRECTS_MAX,
    protocols: ['https:'],
    ca: options.ca,
    signal,
    admit: async ({ host, hostname }) => {
      const refused = await options.admit?.(host);
      if (refused) return { refused };
      const where = await reachable(hostname, options);
      return where.kind === 'ok' ? where : { refused: broken(where.why) };
    },
  });
  switch (walked.kind) {
    case 'refused':
      return walked.why;
    case 'barred':
      return failed('malformed', `${walked.url.protocol}//${walked.url.host} ${walked.why}`);
    case 'stopped':
      return failed('malformed', walked.why);
    case 'failed':
      return broken(walked.error instanceof Error ? walked.error.message : String(walked.error));
    case 'answer': {
      const { response, url } = walked;
      const { status, headers } = response.head;
      if (status !== 200) response.close();
      const body = status === 200 ? await bodyUpTo(response, bodyMaxBytes) : null;
      if (body?.isTooLong) return failed('malformed', `the answer is longer than ${bodyMaxBytes} bytes`);
      if (body && body.cut !== null) return broken(body.cut);
      return {
        kind: 'answer',
        status,
        server: url.host,
        headers,
        text: new TextDecoder().decode(body?.bytes),
      };
    }
    default:
      return walked satisfies never;
  }
}
