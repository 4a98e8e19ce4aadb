import type { Host } from '../../model/brand.ts';
import { cleanText } from '../../model/clean.ts';
import { reachable } from '../../net/address-guard.ts';
import { type GetResponse, httpGet } from '../../net/http-get.ts';
import {
  type DnsReply,
  dnsQuestion,
  MESSAGE_MAX_BYTES,
  type RecordType,
  readDnsReply,
} from './dns-message.ts';
import { readBody } from './fetch-body.ts';
import { untilAbort } from './until-abort.ts';

const CONNECT_MS = 2_000;
const IDLE_MS = 3_000;
const HTTPS = 443;
const DNS_MESSAGE = 'application/dns-message';

/** A DNS over HTTPS server, its own name resolved. */
export interface DnsServer {
  readonly url: URL;
  readonly addresses: readonly string[];
  readonly ca: string | undefined;
}

/** What a server said to one question, or why that is nothing. */
export type DnsAnswer =
  | Extract<DnsReply, { kind: 'reply' }>
  | { readonly kind: 'failed'; readonly why: string };

/**
 * Resolves the name of the server, once for all questions. It may be on the own network, since a person chose it; that it is who it
 * should be is shown by its certificate. Null when it cannot be found, or not in time. Never rejects.
 */
export async function findDnsServer(
  dnsUrl: string,
  ca: string | undefined,
  signal: AbortSignal,
): Promise<DnsServer | null> {
  const url = URL.parse(dnsUrl);
  if (url === null || url.protocol !== 'https:') return null;
  const found = reachable(url.hostname, true).then(
    (where) => (where.kind === 'ok' ? { url, addresses: where.addresses, ca } : null),
    () => null,
  );
  return untilAbort(found, signal);
}

/** Asks one question by GET (RFC 8484, section 4.1); follows nothing. Never rejects; ends by the signal. */
export async function askDns(
  server: DnsServer,
  name: Host,
  type: RecordType,
  signal: AbortSignal,
): Promise<DnsAnswer> {
  try {
    const url = new URL(server.url);
    url.searchParams.set('dns', Buffer.from(dnsQuestion(name, type)).toString('base64url'));
    const response = await httpGet(url, {
      headers: { accept: DNS_MESSAGE, 'user-agent': 'resolagent' },
      connectMs: CONNECT_MS,
      idleMs: IDLE_MS,
      allowPrivate: true,
      at: { addresses: server.addresses, port: url.port === '' ? HTTPS : Number(url.port) },
      ca: server.ca,
      signal,
    });
    return await readAnswer(response, name, type, signal);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error), signal);
  }
}

async function readAnswer(
  response: GetResponse,
  name: Host,
  type: RecordType,
  signal: AbortSignal,
): Promise<DnsAnswer> {
  const { status, headers } = response.head;
  const kind = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? 'nothing';
  if (status !== 200 || kind !== DNS_MESSAGE) {
    response.close();
    return failed(`the server answered with status ${status} and ${kind}`, signal);
  }
  const { bytes, cut } = await readBody(response, MESSAGE_MAX_BYTES, signal);
  if (cut !== null) return failed(`the reply was not whole: ${cut}`, signal);
  const reply = readDnsReply(bytes, name, type);
  return reply.kind === 'reply' ? reply : failed(`the reply cannot be used: ${reply.why}`, signal);
}

function failed(why: string, signal: AbortSignal): DnsAnswer {
  return { kind: 'failed', why: signal.aborted ? 'the time was over' : cleanText(why) };
}
