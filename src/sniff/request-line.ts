import type { Host } from '../model/brand.ts';
import { normalizeHost } from '../model/host.ts';
import { CR, isBlank, isTokenByte, LF, SPACE, TAB } from './ascii.ts';

/**
 * `origin`: a path, the name is in the Host header. `proxy`: CONNECT or an absolute URL, which is said to a proxy. `http2`: the
 * connection preface of HTTP/2 with prior knowledge (RFC 9113, section 3.4). `odd`: the target is none of these. `odd_version`: a method
 * and a path or a URL, but no version, or none of HTTP: some servers answer it all the same.
 */
type RequestForm = 'origin' | 'proxy' | 'http2' | 'odd' | 'odd_version';

const VERSION = /^HTTP\/\d{1,3}\.\d{1,3}$/i;
const VERSION_MAX_CHARS = 12;
/** What is meant as a version of HTTP; servers read these in their own ways. */
const HTTP_VERSION = /^HTTP/i;
const URL_START = /^https?:/i;
const URL_START_CHARS = 6;
const PATH_OR_URL = /^[/*]|^[a-z][a-z0-9+.-]*:\/\//i;
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
/** Of the target so much is read: enough for a scheme, credentials and the longest host. */
const TARGET_START_CHARS = 600;
const DEL = 0x7f;
const SLASH = 0x2f;

/** Recognises the first line of an HTTP/1 request byte by byte; anything that cannot become one is 'not_http' at once. */
export class RequestLineReader {
  /** The next byte to look at; after a result, the first byte behind the line. */
  at = 0;
  /** Of a `proxy` request, the name it asks the proxy for; null when that is an address or no name. */
  proxyHost: Host | null = null;
  /** Whether a `proxy` request asks for a tunnel. */
  isConnect = false;
  #start = 0;
  #methodEnd = -1;

  /** Reads on in `raw[0, end)`. Null: not decided yet. */
  read(raw: Uint8Array, end: number): RequestForm | 'not_http' | null {
    while (this.at < end) {
      const byte = raw[this.at] ?? 0;
      if (this.#methodEnd < 0) {
        if (!this.#readMethodByte(byte)) return 'not_http';
      } else if (byte === LF) {
        return this.#formOf(raw, this.at++);
      } else if ((byte < SPACE && byte !== TAB && byte !== CR) || byte === DEL) {
        return 'not_http';
      }
      this.at++;
    }
    return null;
  }

  /** Whether nothing came yet but white space and what may be a method. */
  get inMethod(): boolean {
    return this.#methodEnd < 0;
  }

  /** Whether the unfinished line is a request already: a method and the start of a path or of a URL. */
  looksLikeRequest(raw: Uint8Array): boolean {
    if (this.#methodEnd < 0) return false;
    let at = this.#methodEnd;
    while (at < this.at && isBlank(raw[at])) at++;
    if (at >= this.at) return false;
    if (raw[at] === SLASH || isConnect(ascii(raw, this.#start, this.#methodEnd))) return true;
    return URL_START.test(ascii(raw, at, Math.min(this.at, at + URL_START_CHARS)));
  }

  // Servers split the line at any run of blanks and take the last word as the version; so does this.
  #formOf(raw: Uint8Array, lineEnd: number): RequestForm | 'not_http' {
    const methodEnd = this.#methodEnd;
    let end = lineEnd;
    while (end > methodEnd && (isBlank(raw[end - 1]) || raw[end - 1] === CR)) end--;
    let versionAt = end;
    while (versionAt > methodEnd && !isBlank(raw[versionAt - 1])) versionAt--;
    const version = ascii(raw, versionAt, Math.min(end, versionAt + VERSION_MAX_CHARS));
    let targetAt = methodEnd;
    while (isBlank(raw[targetAt])) targetAt++;
    const method = ascii(raw, this.#start, methodEnd);
    if (!VERSION.test(version)) {
      const target = ascii(raw, targetAt, Math.min(end, targetAt + TARGET_START_CHARS));
      if (isConnect(method) || URL_START.test(target)) this.proxyHost = hostOfProxyTarget(target);
      if (this.proxyHost === null && !PATH_OR_URL.test(target)) return 'not_http';
      if (versionAt <= targetAt || !HTTP_VERSION.test(version)) return 'odd_version';
    }
    if (targetAt >= versionAt) return 'not_http';
    const target = ascii(raw, targetAt, Math.min(versionAt, targetAt + TARGET_START_CHARS)).trimEnd();
    if (method === 'PRI' && target === '*' && version === 'HTTP/2.0') return 'http2';
    this.isConnect = isConnect(method);
    if (!this.isConnect && !SCHEME.test(target)) {
      return target.startsWith('/') || target === '*' ? 'origin' : 'odd';
    }
    this.proxyHost = hostOfProxyTarget(target);
    return 'proxy';
  }

  #readMethodByte(byte: number): boolean {
    const length = this.at - this.#start;
    // Empty lines before a request are to be ignored (RFC 9112, section 2.2); some servers ignore any white space there.
    if (length === 0 && isWhiteSpace(byte)) {
      this.#start = this.at + 1;
      return true;
    }
    if (isBlank(byte) && length > 0) {
      this.#methodEnd = this.at;
      return true;
    }
    return isTokenByte(byte);
  }
}

function isConnect(method: string): boolean {
  return method.toUpperCase() === 'CONNECT';
}

// As Python's str.split sees it, by which its servers take a request line apart.
function isWhiteSpace(byte: number): boolean {
  return byte === SPACE || (byte >= TAB && byte <= CR) || (byte >= 0x1c && byte <= 0x1f);
}

function ascii(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i] ?? 0);
  return text;
}

/** The host of `scheme://user@host:port/path` or `host:port`. */
function hostOfProxyTarget(target: string): Host | null {
  const authority = target.replace(SCHEME, '').split(/[/?#\\ \t]/, 1)[0] ?? '';
  return normalizeHost(authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, ''));
}
