import type { TLSSocket } from 'node:tls';
import { untilAbort } from '../../../async/until-abort.ts';
import type { Host } from '../../../model/brand.ts';
import { cleanText } from '../../../model/clean.ts';
import { reachable } from '../../../net/address-guard.ts';
import { connectFirst } from '../../../net/connect-first.ts';
import { httpGet } from '../../../net/http-get.ts';
import { readBody } from '../page/body.ts';
import { Http2Connection, type WholeAnswer } from './http2.ts';
import { type DnsReply, dnsQuestion, MESSAGE_MAX_BYTES, type RecordType, readDnsReply } from './message.ts';

const CONNECT_MS = 2_000;
const IDLE_MS = 3_000;
const HTTPS = 443;
const DNS_MESSAGE = 'application/dns-message';
const HEADERS = { accept: DNS_MESSAGE, 'user-agent': 'resolagent' };

/** What a server said to one question, or why that is nothing. */
export type DnsAnswer =
  | Extract<DnsReply, { kind: 'reply' }>
  | { readonly kind: 'failed'; readonly why: string };

/** Sends a GET request; rejects with what went wrong. */
type Get = (url: URL) => Promise<WholeAnswer>;

/** A DNS over HTTPS server that was reached. */
export class DnsServer {
  readonly #url: URL;
  readonly #get: Get;
  readonly #signal: AbortSignal;
  readonly close: () => void;

  constructor(url: URL, get: Get, signal: AbortSignal, close: () => void) {
    this.#url = url;
    this.#get = get;
    this.#signal = signal;
    this.close = close;
  }

  /** Asks one question by GET (RFC 8484, section 4.1); follows nothing. Never rejects; ends by the signal. */
  async ask(name: Host, type: RecordType): Promise<DnsAnswer> {
    try {
      const url = new URL(this.#url);
      url.searchParams.set('dns', Buffer.from(dnsQuestion(name, type)).toString('base64url'));
      return answerOf(await this.#get(url), name, type);
    } catch (error) {
      return failed(whyOf(error, this.#signal));
    }
  }
}

/**
 * Reaches a server: over HTTP/2 with one connection for all questions, else over HTTP/1.1 with one for each. It may be on the own
 * network, since a person chose it; that it is who it should be is shown by its certificate. Never rejects; ends by the signal.
 */
export async function openDnsServer(
  dnsUrl: string,
  ca: string | undefined,
  signal: AbortSignal,
): Promise<DnsServer | Extract<DnsAnswer, { kind: 'failed' }>> {
  const url = URL.parse(dnsUrl);
  if (url === null || url.protocol !== 'https:') return failed('its address is none of https');
  const addresses = await untilAbort(addressesOf(url.hostname), signal);
  if (addresses === null) return failed(signal.aborted ? 'the time was over' : 'its name has no address');
  const port = url.port === '' ? HTTPS : Number(url.port);
  try {
    const alpn = ['h2', 'http/1.1'];
    const socket = await connectFirst(url, addresses, { port, connectMs: CONNECT_MS, alpn, ca, signal });
    if ((socket as TLSSocket).alpnProtocol === 'h2') {
      const connection = new Http2Connection(url, socket);
      const get: Get = (asked) => connection.get(asked, HEADERS, MESSAGE_MAX_BYTES, signal);
      return new DnsServer(url, get, signal, () => connection.close());
    }
    socket.destroy();
    const get: Get = (asked) => getOnce(asked, { addresses, port }, ca, signal);
    return new DnsServer(url, get, signal, () => {});
  } catch (error) {
    return failed(whyOf(error, signal));
  }
}

async function addressesOf(host: string): Promise<readonly string[] | null> {
  try {
    const where = await reachable(host, true);
    return where.kind === 'ok' ? where.addresses : null;
  } catch {
    return null;
  }
}

async function getOnce(
  url: URL,
  at: { readonly addresses: readonly string[]; readonly port: number },
  ca: string | undefined,
  signal: AbortSignal,
): Promise<WholeAnswer> {
  const limits = { connectMs: CONNECT_MS, idleMs: IDLE_MS };
  const response = await httpGet(url, { headers: HEADERS, ...limits, allowPrivate: true, at, ca, signal });
  const { bytes, cut } = await readBody(response, MESSAGE_MAX_BYTES, signal);
  if (cut !== null) throw new Error(`the reply was not whole: ${cut}`);
  return { ...response.head, bytes };
}

function answerOf({ status, headers, bytes }: WholeAnswer, name: Host, type: RecordType): DnsAnswer {
  const kind = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? 'nothing';
  if (status !== 200 || kind !== DNS_MESSAGE)
    return failed(`the server answered with status ${status} and ${cleanText(kind)}`);
  const reply = readDnsReply(bytes, name, type);
  return reply.kind === 'reply' ? reply : failed(`the reply cannot be used: ${reply.why}`);
}

function whyOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'the time was over';
  return cleanText(error instanceof Error ? error.message : String(error));
}

function failed(why: string): Extract<DnsAnswer, { kind: 'failed' }> {
  return { kind: 'failed', why };
}
