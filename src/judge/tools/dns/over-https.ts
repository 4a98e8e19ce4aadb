import type { TLSSocket } from 'node:tls';
import type { Host } from '../../../model/brand.ts';
import { cleanText } from '../../../model/clean.ts';
import { connectFirst } from '../../../net/connect-first.ts';
import { httpGet, portOf } from '../../../net/http-get.ts';
import { Http2Connection, type WholeAnswer } from '../../../net/http2-connection.ts';
import { reachableInTime } from '../../../net/reachable.ts';
import { bodyUpTo } from '../../../net/response-body.ts';
import { type DnsReply, dnsQuestion, MESSAGE_MAX_BYTES, type RecordType, readDnsReply } from './message.ts';

const LIMITS = { connectMs: 2_000, idleMs: 3_000 };
const DNS_MESSAGE = 'application/dns-message';
const HEADERS = { accept: DNS_MESSAGE, 'user-agent': 'resolagent' };

type Failed = { readonly kind: 'failed'; readonly why: string };

/** What a server said to one question, or why that is nothing. */
export type DnsAnswer = Extract<DnsReply, { kind: 'reply' }> | Failed;

/** A DNS over HTTPS server that was reached. */
export interface DnsServer {
  readonly kind: 'server';
  /** Asks one question by GET (RFC 8484, section 4.1); follows nothing. Never rejects; ends by the signal. */
  ask(name: Host, type: RecordType): Promise<DnsAnswer>;
  close(): void;
}

/** Sends a GET request; rejects with what went wrong. */
type Get = (url: URL) => Promise<WholeAnswer>;

/**
 * Reaches a server: over HTTP/2 with one connection for all questions, else over HTTP/1.1 with one for each. It may be on the own
 * network, since a person chose it; that it is who it should be is shown by its certificate. Never rejects; ends by the signal.
 */
export async function openDnsServer(
  dnsUrl: string,
  ca: string | undefined,
  signal: AbortSignal,
): Promise<DnsServer | Failed> {
  const url = URL.parse(dnsUrl);
  if (url === null || url.protocol !== 'https:') return failed('its address is none of https');
  const where = await reachableInTime(url.hostname, { allowPrivate: true }, signal);
  if (where.kind !== 'ok') return failed(signal.aborted ? 'the time was over' : 'its name has no address');
  const { addresses } = where;
  const how = { connectMs: LIMITS.connectMs, port: portOf(url), ca, signal };
  try {
    const socket = await connectFirst(url, addresses, { ...how, alpn: ['h2', 'http/1.1'] });
    if ((socket as TLSSocket).alpnProtocol !== 'h2') {
      socket.destroy();
      return serverOf(
        url,
        (asked) => getOnce(asked, addresses, ca, signal),
        signal,
        () => {},
      );
    }
    const connection = new Http2Connection(url, socket);
    const get: Get = (asked) => connection.get(asked, HEADERS, MESSAGE_MAX_BYTES, signal);
    return serverOf(url, get, signal, () => connection.close());
  } catch (error) {
    return failed(whyOf(error, signal));
  }
}

function serverOf(server: URL, get: Get, signal: AbortSignal, close: () => void): DnsServer {
  const ask: DnsServer['ask'] = async (name, type) => {
    try {
      const url = new URL(server);
      url.searchParams.set('dns', Buffer.from(dnsQuestion(name, type)).toString('base64url'));
      return answerOf(await get(url), name, type);
    } catch (error) {
      return failed(whyOf(error, signal));
    }
  };
  return { kind: 'server', ask, close };
}

async function getOnce(
  url: URL,
  addresses: readonly string[],
  ca: string | undefined,
  signal: AbortSignal,
): Promise<WholeAnswer> {
  const response = await httpGet(url, { headers: HEADERS, ...LIMITS, addresses, ca, signal });
  const { bytes, cut } = await bodyUpTo(response, MESSAGE_MAX_BYTES);
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

function failed(why: string): Failed {
  return { kind: 'failed', why };
}
