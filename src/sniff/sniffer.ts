import type { Host } from '../model/brand.ts';
import type { Sniff } from '../model/flow.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { parseClientHello } from './client-hello.ts';
import { type AfterHead, HttpRequestReader, type RequestHead } from './http-request.ts';
import type { Malformed } from './malformed.ts';
import { proxyPrefixBytes } from './proxy-prefix.ts';
import { ClientHelloReader, HANDSHAKE_RECORD, RECORD_MAJOR_VERSION } from './tls-records.ts';

/** Most bytes of a connection that are looked at before an answer, record headers included. */
export const SNIFF_MAX_BYTES = 65_536;

/** What the first bytes told, with the JA4 fingerprint still raw: its hashing is the caller's. */
export interface Sniffed extends Omit<Sniff, 'ja4'> {
  /** JA4_r ("t13d1516h2_002f,…_0005,…_0403,…"), hashed later by `ja4()`; null for anything but a readable ClientHello. */
  readonly ja4r: string | null;
  /** The name for the decision: the server name or Host header, normalised. Null for none, an IP literal or an impossible name. */
  readonly host: Host | null;
  /** Names beside `host`, good for blocking and not for allowing: what a request asks its proxy for. */
  readonly wanted: readonly Host[];
  /** Whether it is said to a proxy, or behind a PROXY header: the address is not that of who is named. */
  readonly isProxied: boolean;
  /** How a connection of HTTP/1 goes on; null for all others. */
  readonly next: AfterHead | null;
}

/** `done` comes as soon as the answer cannot change any more. */
export type SniffOutcome =
  | { readonly state: 'need_more' }
  | { readonly state: 'done'; readonly sniffed: Sniffed };

const PROXY_LINE = 0x50; // "P"
const PROXY_HEADER = 0x0d;

const NEED_MORE: SniffOutcome = { state: 'need_more' };

/** Neither TLS nor HTTP. */
export const NOTHING: Sniffed = {
  protocol: 'unknown',
  sni: null,
  httpHost: null,
  alpn: [],
  ech: false,
  malformed: null,
  ja4r: null,
  host: null,
  wanted: [],
  isProxied: false,
  next: null,
};
const SILENT: Sniffed = { ...NOTHING, protocol: 'silent' };

/**
 * Finds out from the first bytes of a client what it speaks and to whom. Without IO and without a clock: bytes go in by `push`,
 * and whoever waits for them calls `giveUp` when the time is over. Nothing a client can send makes it throw, and its work
 * grows with the number of bytes, however they are cut.
 */
export class Sniffer {
  readonly #buffer = new ByteBuffer();
  #tls: ClientHelloReader | null = null;
  #http: HttpRequestReader | null = null;
  /** What reads behind a PROXY header. */
  #behind: { readonly bytes: number; readonly sniffer: Sniffer } | null = null;
  #outcome: SniffOutcome = NEED_MORE;

  /** Takes a copy of the next bytes of the client. After `done` they are still kept, for forwarding, and not looked at: stop reading then. */
  push(bytes: Uint8Array): SniffOutcome {
    this.#buffer.append(bytes, 0, bytes.length);
    if (this.#outcome.state === 'need_more') {
      const sniffed = this.#read();
      if (sniffed !== null) this.#outcome = { state: 'done', sniffed };
    }
    return this.#outcome;
  }

  /** The time is over or the client has finished: the best that can be said of what came; `silent` when nothing came. */
  giveUp(): Sniffed {
    if (this.#outcome.state === 'need_more') this.#outcome = { state: 'done', sniffed: this.#best() };
    return this.#outcome.sniffed;
  }

  /** Everything pushed so far, not copied; valid until the next `push`. */
  buffered(): Uint8Array {
    return this.#buffer.view();
  }

  /** Whether what came is a ClientHello or a request beyond doubt, and only not finished. */
  get isCertain(): boolean {
    if (this.#behind !== null) return this.#behind.sniffer.isCertain;
    return this.#tls !== null || (this.#http?.isRequest(this.#buffer.bytes) ?? false);
  }

  #read(): Sniffed | null {
    const raw = this.#buffer.bytes;
    const end = Math.min(this.#buffer.length, SNIFF_MAX_BYTES);
    if (end === 0) return null;
    if (this.#behind !== null)
      return this.#readBehind(this.#behind.bytes + this.#behind.sniffer.buffered().length);
    if (raw[0] === PROXY_LINE || raw[0] === PROXY_HEADER) {
      const prefix = proxyPrefixBytes(raw, end);
      if (prefix === null) return null;
      if (prefix > 0) {
        this.#behind = { bytes: prefix, sniffer: new Sniffer() };
        return this.#readBehind(prefix);
      }
    }
    if (raw[0] === HANDSHAKE_RECORD) {
      if (end === 1) return null;
      return raw[1] === RECORD_MAJOR_VERSION ? this.#readTls(raw, end) : NOTHING;
    }
    this.#http ??= new HttpRequestReader();
    const head = this.#http.read(raw, end);
    return head === null ? null : fromHead(head);
  }

  #readBehind(from: number): Sniffed | null {
    if (this.#behind === null) return null;
    const outcome = this.#behind.sniffer.push(this.#buffer.view().subarray(from));
    return outcome.state === 'done' ? behind(this.#behind.bytes, outcome.sniffed) : null;
  }

  #readTls(raw: Uint8Array, end: number): Sniffed | null {
    this.#tls ??= new ClientHelloReader(SNIFF_MAX_BYTES);
    const message = this.#tls.read(raw, end);
    if (message === null) {
      return end < SNIFF_MAX_BYTES ? null : malformedTls('the ClientHello is longer than 65536 bytes');
    }
    if (typeof message === 'string') return malformedTls(message);
    const { sni, host, alpn, ech, ja4r, malformed } = parseClientHello(message);
    return {
      protocol: 'tls',
      sni,
      httpHost: null,
      alpn,
      ech,
      malformed,
      ja4r,
      host,
      wanted: [],
      isProxied: false,
      next: null,
    };
  }

  #best(): Sniffed {
    if (this.#behind !== null) return behind(this.#behind.bytes, this.#behind.sniffer.giveUp());
    if (this.#tls !== null) return malformedTls('the ClientHello is not finished');
    if (this.#http !== null) return fromHead(this.#http.giveUp(this.#buffer.bytes));
    return this.#buffer.length === 0 ? SILENT : NOTHING;
  }
}

/** What was named behind a PROXY header is said to whoever is behind the server: it can block, and proves nothing of the address. */
function behind(prefixBytes: number, sniffed: Sniffed): Sniffed {
  if (sniffed.protocol === 'silent') return NOTHING;
  const wanted = sniffed.host === null ? sniffed.wanted : [sniffed.host, ...sniffed.wanted];
  const { next } = sniffed;
  const later = next === null ? null : { ...next, headBytes: next.headBytes + prefixBytes };
  return { ...sniffed, host: null, wanted, isProxied: true, next: later };
}

function malformedTls(malformed: Malformed): Sniffed {
  return { ...NOTHING, protocol: 'tls', malformed };
}

function fromHead(head: RequestHead | 'not_http'): Sniffed {
  return head === 'not_http' ? NOTHING : { ...NOTHING, ...head, protocol: 'http' };
}
