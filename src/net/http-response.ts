/** Longest status line and headers together, and longest line of a chunked body. */
export const HEADER_MAX_BYTES = 32_768;
const CHUNK_LINE_MAX_BYTES = 1_024;

/** The head of a response; header names in lower case, repeated ones joined by a comma. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

/** What the reader tells of a response, in order: a head, pieces of body, an end. */
export type ResponseEvent =
  | { readonly kind: 'head'; readonly head: ResponseHead }
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'malformed'; readonly why: string };

type State =
  | 'head'
  | 'sized'
  | 'until_close'
  | 'chunk_size'
  | 'chunk_data'
  | 'chunk_end'
  | 'trailer'
  | 'done';

/**
 * Reads one HTTP/1.1 response to a GET (RFC 9112) from pieces of any size. Holds at most one header or one chunk line. Interim
 * (1xx) responses are passed over.
 */
export class ResponseReader {
  #state: State = 'head';
  #held: Uint8Array = new Uint8Array(0);
  #left = 0;

  push(bytes: Uint8Array): ResponseEvent[] {
    const events: ResponseEvent[] = [];
    let rest = bytes;
    while (this.#state !== 'done' && rest.length > 0) {
      const step = this.#step(rest);
      rest = rest.subarray(step.used);
      if (step.event !== null) events.push(step.event);
      if (step.event?.kind === 'malformed' || step.event?.kind === 'end') this.#state = 'done';
    }
    return events;
  }

  /** The connection ended: fine when nothing was missing. */
  end(): ResponseEvent {
    const whole = this.#state === 'done' || this.#state === 'until_close';
    this.#state = 'done';
    return whole
      ? { kind: 'end' }
      : { kind: 'malformed', why: 'the connection ended in the middle of the answer' };
  }

  #step(bytes: Uint8Array): { used: number; event: ResponseEvent | null } {
    switch (this.#state) {
      case 'head':
        return this.#until(bytes, '\r\n\r\n', HEADER_MAX_BYTES, (text) => this.#head(text));
      case 'chunk_size':
        return this.#until(bytes, '\r\n', CHUNK_LINE_MAX_BYTES, (text) => this.#chunkSize(text));
      case 'chunk_end':
        return this.#until(bytes, '\r\n', CHUNK_LINE_MAX_BYTES, (text) => {
          this.#state = 'chunk_size';
          return text === '' ? null : malformed('a chunk is longer than it said');
        });
      case 'trailer':
        return this.#until(bytes, '\r\n', CHUNK_LINE_MAX_BYTES, (text) =>
          text === '' ? { kind: 'end' } : null,
        );
      case 'until_close':
        return { used: bytes.length, event: { kind: 'body', bytes } };
      default:
        return this.#data(bytes);
    }
  }

  /** Body of a known size; its end is told with the next call, which may have no bytes to take. */
  #data(bytes: Uint8Array): { used: number; event: ResponseEvent | null } {
    if (this.#left === 0) return { used: 0, event: { kind: 'end' } };
    const used = Math.min(bytes.length, this.#left);
    this.#left -= used;
    if (this.#left === 0 && this.#state === 'chunk_data') this.#state = 'chunk_end';
    return { used, event: { kind: 'body', bytes: bytes.subarray(0, used) } };
  }

  /** True when a body of a known size has arrived in full. */
  get complete(): boolean {
    return this.#state === 'done' || (this.#state === 'sized' && this.#left === 0);
  }

  #until(bytes: Uint8Array, mark: string, most: number, take: (text: string) => ResponseEvent | null) {
    // No more is looked at than may be taken: else a body in chunks of one byte copies what is left of a piece for each of them.
    const joined = Buffer.concat([
      this.#held,
      bytes.subarray(0, Math.max(0, most + mark.length - this.#held.length)),
    ]);
    const at = joined.indexOf(mark, 0, 'latin1');
    if (at < 0) {
      if (joined.length >= most + mark.length)
        return { used: bytes.length, event: malformed('a header or chunk line is too long') };
      this.#held = joined;
      return { used: bytes.length, event: null };
    }
    const used = at + mark.length - this.#held.length;
    this.#held = new Uint8Array(0);
    return { used, event: take(joined.toString('latin1', 0, at)) };
  }

  #head(text: string): ResponseEvent | null {
    const [first = '', ...lines] = text.split('\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1] ?? Number.NaN);
    if (Number.isNaN(status)) return malformed('the server does not speak HTTP/1.1');
    if (status >= 100 && status < 200) return null;
    const headers = new Map<string, string>();
    for (const line of lines) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      if (colon < 1 || !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) return malformed('a header line is not one');
      const value = line.slice(colon + 1).trim();
      headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
    }
    return this.#framing(status, headers) ?? { kind: 'head', head: { status, headers } };
  }

  #framing(status: number, headers: ReadonlyMap<string, string>): ResponseEvent | null {
    const coding = headers.get('transfer-encoding');
    const size = headers.get('content-length');
    if (coding !== undefined) {
      if (coding.toLowerCase() !== 'chunked') return malformed('its transfer encoding is not known');
      this.#state = 'chunk_size';
    } else if (status === 204 || status === 304) {
      this.#state = 'sized';
    } else if (size !== undefined) {
      if (!/^\d{1,15}$/.test(size)) return malformed('the content length is not a number');
      this.#state = 'sized';
      this.#left = Number(size);
    } else {
      this.#state = 'until_close';
    }
    return null;
  }

  #chunkSize(text: string): ResponseEvent | null {
    const size = /^([0-9a-fA-F]{1,8})(?:[ \t]*;.*)?$/.exec(text)?.[1];
    if (size === undefined) return malformed('a chunk has no size');
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'chunk_data';
    return null;
  }
}

const malformed = (why: string): ResponseEvent => ({ kind: 'malformed', why });
