import type { TLSSocket } from 'node:tls';
import type { Host } from '../model/brand.ts';
import { cleanText } from '../model/clean.ts';
import { connectFirst, failureText } from './connect-first.ts';
import {
  type DnsReply,
  dnsQuestion,
  MESSAGE_MAX_BYTES,
  type RecordType,
  readDnsReply,
} from './dns-message.ts';
import { type GetOptions, httpGet, portOf } from './http-get.ts';
import type { Http2Connection, WholeAnswer } from './http2-connection.ts';
import { reachableInTime } from './reachable.ts';
import { bodyUpTo } from './response-body.ts';

const LIMITS = { connectMs: 2_000, idleMs: 3_000 };
const DNS_MESSAGE = 'application/dns-message';
const HEADERS = { accept: DNS_MESSAGE, 'user-agent': 'resolagent' };

type Failed = { readonly kind: 'failed'; readonly why: string };

/** What a server said to one question, or why that is nothing. */
export type DnsAnswer = Extract<DnsReply, { kind: 'reply' }> | Failed;

/** Whom to ask. */
export interface DnsServer {
  /** Its address, `https://…/dns-query`. */
  readonly dnsUrl: string;
  /** Certificates (PEM) to trust in place of the well-known ones; for tests. */
  readonly ca?: string | undefined;
}

/**
 * Asks a DNS over HTTPS server for the records of a name, a GET request for each type (RFC 8484, section 4.1), side by side over one
 * HTTP/2 connection, or over HTTP/1.1 where it has no other; follows nothing. The server may be on the own network, since a person
 * chose it; that it is who it should be is shown by its certificate. An answer for each type, or why it could not be asked at all.
 * Never rejects; ends by the signal.
 */
export async function resolveOverHttps(
  { dnsUrl, ca }: DnsServer,
  name: Host,
  types: readonly RecordType[],
  signal: AbortSignal,
): Promise<ReadonlyMap<RecordType, DnsAnswer> | Failed> {
  const url = URL.parse(dnsUrl);
  if (url === null || url.protocol !== 'https:') return failed('its address is none of https');
  const where = await reachableInTime(url.hostname, { allowPrivate: true }, signal);
  if (where.kind !== 'ok') return failed(signal.aborted ? 'the time was over' : 'its name has no address');
  const how = { ...LIMITS, headers: HEADERS, addresses: where.addresses, ca, signal };
  let connection: Http2Connection | null = null;
  try {
    connection = await connectHttp2(url, how);
    const open = connection;
    const ask = (type: RecordType): Promise<DnsAnswer> => {
      const asked = new URL(url);
      asked.searchParams.set('dns', dnsQuestion(name, type).toString('base64url'));
      const whole =
        open === null ? getWhole(asked, how) : open.get(asked, HEADERS, MESSAGE_MAX_BYTES, signal);
      return whole.then(
        (answer) => answerOf(answer, name, type),
        (error) => failed(failureText(error, signal)),
      );
    };
    return new Map(await Promise.all(types.map(async (type) => [type, await ask(type)] as const)));
  } catch (error) {
    return failed(failureText(error, signal));
  } finally {
    connection?.close();
  }
}

/** Null for a server that speaks HTTP/1.1 only. */
async function connectHttp2(
  url: URL,
  { addresses, ...options }: GetOptions,
): Promise<Http2Connection | null> {
  const how = { ...options, port: portOf(url), alpn: ['h2', 'http/1.1'] };
  const socket = (await connectFirst(url, addresses, how)) as TLSSocket;
  if (socket.alpnProtocol !== 'h2') {
    socket.destroy();
    return null;
  }
  // Bun's own part of it takes 15 ms to load, which no start shall wait for.
  const { Http2Connection } = await import('./http2-connection.ts');
  return new Http2Connection(url, socket);
}

async function getWhole(url: URL, options: GetOptions): Promise<WholeAnswer> {
  const response = await httpGet(url, options);
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

function failed(why: string): Failed {
  return { kind: 'failed', why };
}
