import type { Host } from '../model/brand.ts';
import { CR, isBlank, LF } from './ascii.ts';
import { hostOfHeader, readHeaderLine } from './host-header.ts';
import type { Body } from './http-body.ts';
import type { Malformed } from './malformed.ts';
import { RequestLineReader } from './request-line.ts';

/** What the head of an HTTP request tells about its destination. */
export interface RequestHead {
  readonly httpHost: string | null;
  readonly host: Host | null;
  readonly malformed: Malformed | null;
  /** The names a proxy request asks its proxy for. */
  readonly wanted: readonly Host[];
  /** Whether it is said to a proxy. */
  readonly isProxied: boolean;
  /** Null where the connection is no longer HTTP/1, or cannot be read on. */
  readonly next: AfterHead | null;
}

/** Most bytes of request line and headers that are read: more than servers take by default. What is longer cannot be read to its end. */
export const REQUEST_HEAD_MAX_BYTES = 65_536;

/** How a connection goes on behind the head. */
export interface AfterHead {
  readonly headBytes: number;
  readonly body: Body;
}

const NO_NAME: RequestHead = {
  httpHost: null,
  host: null,
  malformed: null,
  wanted: [],
  isProxied: false,
  next: null,
};
const LENGTH = /^\d{1,20}$/;

/**
 * Reads the head of an HTTP/1 request line by line. Lines may end in LF alone, as servers accept it.
 * A proxy request (CONNECT, absolute form) has no name of its own: the connection leads to a proxy and not to the host that is
 * named, so its address decides; what it names, in its target and as Host, is told apart (`wanted`), because it can still be blocked.
 */
export class HttpRequestReader {
  readonly #line = new RequestLineReader();
  #form: 'origin' | 'proxy' | 'odd_version' | null = null;
  /** The next byte to look at, and the first byte of the header line it is in. */
  #at = 0;
  #lineAt = 0;
  #host: string | null = null;
  #length: string | null = null;
  #encoding: string | null = null;

  /** Reads on in `raw[0, end)`, which is all that came so far, and looks at every byte once over all calls. Null: not decided. */
  read(raw: Uint8Array, end: number): RequestHead | 'not_http' | null {
    const limit = Math.min(end, REQUEST_HEAD_MAX_BYTES);
    if (this.#form === null) {
      const form = this.#line.read(raw, limit);
      if (form === 'not_http') return form;
      if (form === 'http2') return NO_NAME;
      if (form === 'odd') return malformed('the request target is neither a path nor a URL');
      if (form !== null) {
        this.#form = form;
        this.#at = this.#line.at;
        this.#lineAt = this.#at;
      }
    }
    const head = this.#form === null ? null : this.#readHeaders(raw, limit);
    if (head !== null || limit < REQUEST_HEAD_MAX_BYTES) return head;
    if (this.#form === null && !this.#line.inMethod && !this.#line.looksLikeRequest(raw)) return 'not_http';
    return malformed(
      this.#form === null
        ? 'the request line is longer than 65536 bytes'
        : 'the request head is longer than 65536 bytes',
    );
  }

  /** Whether what came is a request beyond doubt, and only not finished. */
  isRequest(raw: Uint8Array): boolean {
    return this.#form === null ? this.#line.looksLikeRequest(raw) : this.#form !== 'odd_version';
  }

  /** The best that can be said of an unfinished request. */
  giveUp(raw: Uint8Array): RequestHead | 'not_http' {
    if (this.#isNamed) return headOf(this.#host);
    return this.isRequest(raw) ? malformed('the request is not finished') : 'not_http';
  }

  get #isNamed(): boolean {
    return this.#host !== null && this.#form !== 'proxy';
  }

  #readHeaders(raw: Uint8Array, end: number): RequestHead | 'not_http' | null {
    for (; this.#at < end; this.#at++) {
      if (raw[this.#at] !== LF) {
        if (raw[this.#at - 1] === CR) {
          return malformed('a header line contains a bare carriage return');
        }
        continue;
      }
      // A carriage return that comes this far stands right before the line feed.
      if (this.#at === this.#lineAt || raw[this.#lineAt] === CR) return this.#ended(this.#at + 1);
      const wrong = this.#readLine(raw);
      if (wrong === 'not_http') return wrong;
      if (wrong !== null) return malformed(wrong);
      this.#lineAt = this.#at + 1;
    }
    return null;
  }

  #readLine(raw: Uint8Array): Malformed | 'not_http' | null {
    if (isBlank(raw[this.#lineAt])) return 'a header line is continued on the next line';
    const line = readHeaderLine(raw, this.#lineAt, this.#at);
    if (line === 'other') return null;
    if (line === 'no_header') return this.#form === 'odd_version' ? 'not_http' : null;
    if (line === 'long_host') return 'the Host header is not a possible host';
    if (line === 'almost_host') return 'a header is almost, not exactly, named Host';
    if (line === 'almost_length') {
      return 'a header is almost, not exactly, named Content-Length or Transfer-Encoding';
    }
    if ('host' in line) {
      if (this.#host !== null && this.#host.toLowerCase() !== line.host.toLowerCase()) {
        return 'the request gives several Host headers';
      }
      this.#host = line.host;
      return null;
    }
    return this.#readFraming(line);
  }

  #readFraming(line: { readonly length: string } | { readonly encoding: string }): Malformed | null {
    if ('length' in line) {
      if (!LENGTH.test(line.length)) return 'the length of the request cannot be read';
      if (this.#length !== null && this.#length !== line.length)
        return 'the request tells its length in two ways';
      this.#length = line.length;
    } else {
      if (line.encoding.toLowerCase() !== 'chunked') return 'the length of the request cannot be read';
      if (this.#encoding !== null) return 'the request tells its length in two ways';
      this.#encoding = line.encoding;
    }
    const both = this.#length !== null && this.#encoding !== null;
    return both ? 'the request tells its length in two ways' : null;
  }

  #ended(headBytes: number): RequestHead | 'not_http' {
    const { proxyHost } = this.#line;
    if (this.#form === 'odd_version' && this.#host === null && proxyHost === null) return 'not_http';
    const head = headOf(this.#host);
    if (head.malformed !== null) return head;
    const next: AfterHead = { headBytes, body: this.#body() };
    if (this.#form !== 'proxy' && proxyHost === null) return { ...head, next };
    const wanted = [proxyHost, head.host].filter((host) => host !== null);
    return { ...head, host: null, wanted: [...new Set(wanted)], isProxied: true, next };
  }

  #body(): Body {
    if (this.#line.isConnect) return 'tunnel';
    if (this.#encoding !== null) return 'chunked';
    return this.#length === null ? 0 : Math.min(Number(this.#length), Number.MAX_SAFE_INTEGER);
  }
}

function headOf(httpHost: string | null): RequestHead {
  if (httpHost === null || httpHost === '') return NO_NAME;
  const host = hostOfHeader(httpHost);
  if (host === 'impossible')
    return { ...NO_NAME, httpHost, malformed: 'the Host header is not a possible host' };
  return { ...NO_NAME, httpHost, host };
}

function malformed(why: Malformed): RequestHead {
  return { ...NO_NAME, malformed: why };
}
