import { ByteBuffer } from './byte-buffer.ts';
import { findHello } from './hello-scan.ts';
import { BodyReader } from './http-body.ts';
import type { Malformed } from './malformed.ts';
import { NOTHING, type Sniffed, Sniffer } from './sniffer.ts';
import { mayBeSocks, SocksReader } from './socks.ts';

/** So much of what a client says in a protocol of its own is searched for a hello: STARTTLS and its kin come early. */
const SCANNED_MAX_BYTES = 65_536;
/** Bytes looked at in one go where a request may begin; many small ones in one piece must not be copied many times. */
const SLICE_BYTES = 4_096;
/** Said of bytes that went on for long and are no request yet. */
const NO_REQUEST: Malformed = 'the request line is longer than 65536 bytes';
const EMPTY = new Uint8Array(0);

/**
 * What is to be done with bytes of the client. `pass` may go to the server at once. `found`, if there is one, is to be decided before
 * anything else passes; `rest` is then what came behind `pass` and was not looked at yet.
 */
export interface Step {
  readonly pass: Uint8Array;
  readonly found: Sniffed | null;
  readonly rest: Uint8Array;
}

type Reading =
  /** Where a request or a hello may begin; `isNamed`: the request was decided by its Host before its head was finished. */
  | { readonly kind: 'start'; readonly sniffer: Sniffer; passed: number; readonly isNamed: boolean }
  /** In a request: in the head that was read already, or in the body. */
  | { readonly kind: 'head'; left: number; readonly body: BodyReader | null }
  | { readonly kind: 'body'; readonly body: BodyReader }
  | { readonly kind: 'socks'; readonly reader: SocksReader }
  /** In a protocol of its own; `tail` went by already and may be the start of a hello. */
  | { readonly kind: 'plain'; tail: Uint8Array }
  | { readonly kind: 'over' };

/**
 * Follows what a client says after its first bytes were decided, as long as that can name somebody: further requests of an HTTP
 * connection, a hello after STARTTLS, an SSLRequest, CONNECT or SOCKS. Pure; its work grows with the number of bytes.
 */
export class ClientWatch {
  #reading: Reading;
  #scanned = 0;

  /** `first` is what the first bytes told, which are to be pushed again; `isCertain`: no more bytes could have told more. */
  constructor(first: Sniffed, isCertain: boolean) {
    this.#reading = begin(first, isCertain);
  }

  /** Nothing further is read. */
  get over(): boolean {
    return this.#reading.kind === 'over';
  }

  /** Whether a protocol of its own is spoken, which names somebody at most once and early. */
  get isPlain(): boolean {
    return this.#reading.kind === 'plain' && !this.holds;
  }

  /** Whether bytes are kept back until more come. */
  get holds(): boolean {
    const { kind } = this.#reading;
    return kind === 'start' && this.#reading.sniffer.buffered().length > this.#reading.passed;
  }

  /** Whether what is kept back is a hello or request beyond doubt, and only not finished. */
  get holdsCertain(): boolean {
    return this.holds && this.#reading.kind === 'start' && this.#reading.sniffer.isCertain;
  }

  /** How many of the next bytes would pass unread: what is left of a body or of its chunk. */
  get bodyLeft(): number {
    return this.#reading.kind === 'body' ? this.#reading.body.left : 0;
  }

  /** So many bytes of `bodyLeft` went by elsewhere. */
  skip(bytes: number): void {
    if (this.#reading.kind !== 'body' || bytes === 0) return;
    const { body } = this.#reading;
    body.skip(bytes);
    if (body.over) this.#reading = newStart();
  }

  /** What to do with the next bytes. To be called again with `rest` as long as it is not empty. */
  push(bytes: Uint8Array): Step {
    const reading = this.#reading;
    switch (reading.kind) {
      case 'over':
        return passAll(bytes);
      case 'head':
        return this.#skipHead(reading, bytes);
      case 'body':
        return this.#skipBody(reading.body, bytes);
      case 'start':
        return this.#look(reading, bytes);
      case 'socks':
        return this.#readSocks(reading.reader, bytes);
      case 'plain':
        return this.#scan(reading, bytes);
      default:
        return reading satisfies never;
    }
  }

  /**
   * The time is over: what was kept back, as something to decide where it is certain, and else to pass. To be called again when the
   * rest is kept back once more, since that was decided now.
   */
  giveUp(): Step {
    const reading = this.#reading;
    if (reading.kind !== 'start') return passAll(EMPTY);
    const { sniffer, passed, isNamed } = reading;
    const kept = sniffer.buffered().subarray(passed);
    if (!sniffer.isCertain || isNamed) {
      reading.passed += kept.length;
      return passAll(kept);
    }
    const sniffed = sniffer.giveUp();
    const step = this.#decided(reading, sniffed);
    if (isUnfinished(sniffed)) {
      const again = new Sniffer();
      again.push(sniffer.buffered().subarray(0, passed));
      this.#reading = { kind: 'start', sniffer: again, passed, isNamed: true };
    }
    return step;
  }

  #skipHead(head: Extract<Reading, { kind: 'head' }>, bytes: Uint8Array): Step {
    const taken = Math.min(head.left, bytes.length);
    head.left -= taken;
    if (head.left === 0) this.#reading = afterHead(head.body);
    return { pass: bytes.subarray(0, taken), found: null, rest: bytes.subarray(taken) };
  }

  #skipBody(body: BodyReader, bytes: Uint8Array): Step {
    const end = body.read(bytes, 0);
    if (end === null) {
      this.#reading = { kind: 'over' };
      return { pass: EMPTY, found: BROKEN_BODY, rest: bytes };
    }
    if (body.over) this.#reading = newStart();
    return { pass: bytes.subarray(0, end), found: null, rest: bytes.subarray(end) };
  }

  #look(start: Extract<Reading, { kind: 'start' }>, bytes: Uint8Array): Step {
    const { sniffer } = start;
    const slice = bytes.subarray(0, SLICE_BYTES);
    const outcome = sniffer.push(slice);
    if (outcome.state === 'done') {
      const step = this.#decided(start, outcome.sniffed);
      if (slice.length === bytes.length) return step;
      return { ...step, rest: joined(step.rest, bytes.subarray(slice.length)) };
    }
    return { pass: EMPTY, found: null, rest: bytes.subarray(slice.length) };
  }

  #decided({ sniffer, passed }: Extract<Reading, { kind: 'start' }>, sniffed: Sniffed): Step {
    const kept = sniffer.buffered().subarray(passed);
    if (sniffed.protocol === 'unknown' || sniffed.malformed === NO_REQUEST) {
      this.#reading = { kind: 'plain', tail: EMPTY };
      return { pass: EMPTY, found: null, rest: kept };
    }
    const { next } = sniffed;
    if (next === null) {
      this.#reading = { kind: 'over' };
      return { pass: EMPTY, found: sniffed, rest: kept };
    }
    const left = next.headBytes - passed;
    this.#reading = { kind: 'head', left, body: bodyOf(next.body) };
    return { pass: EMPTY, found: sniffed, rest: kept };
  }

  #readSocks(reader: SocksReader, bytes: Uint8Array): Step {
    const before = reader.length;
    const request = before === 0 && !mayBeSocks(bytes) ? 'not_socks' : reader.push(bytes);
    if (request === null) return passAll(bytes);
    if (request === 'not_socks') {
      this.#reading = { kind: 'plain', tail: EMPTY };
      return { pass: EMPTY, found: null, rest: bytes };
    }
    this.#reading = { kind: 'head', left: Math.max(0, request.bytes - before), body: null };
    const found = request.host === null ? null : { ...NOTHING, wanted: [request.host] };
    return { pass: EMPTY, found, rest: bytes };
  }

  #scan(plain: Extract<Reading, { kind: 'plain' }>, bytes: Uint8Array): Step {
    const { tail } = plain;
    const all = tail.length === 0 ? bytes : joined(tail, bytes);
    const place = findHello(all);
    if (place?.whole === true) {
      const sniffer = new Sniffer();
      const passed = Math.max(0, tail.length - place.at);
      sniffer.push(all.subarray(place.at, place.at + passed));
      this.#reading = { kind: 'start', sniffer, passed, isNamed: false };
      const at = Math.max(0, place.at - tail.length);
      return { pass: bytes.subarray(0, at), found: null, rest: bytes.subarray(at) };
    }
    plain.tail = place === null ? EMPTY : Uint8Array.from(all.subarray(place.at));
    this.#scanned += bytes.length;
    if (this.#scanned > SCANNED_MAX_BYTES) this.#reading = { kind: 'over' };
    return passAll(bytes);
  }
}

const BROKEN_BODY: Sniffed = {
  ...NOTHING,
  protocol: 'http',
  malformed: 'the length of the request cannot be read',
};

function begin(first: Sniffed, isCertain: boolean): Reading {
  if (first.protocol === 'tls') return { kind: 'over' };
  if (first.protocol === 'silent') return { kind: 'plain', tail: EMPTY };
  if (first.protocol === 'unknown')
    return isCertain ? { kind: 'socks', reader: new SocksReader() } : newStart();
  if (first.next === null) return !isCertain && isUnfinished(first) ? newStart() : { kind: 'over' };
  return { kind: 'head', left: first.next.headBytes, body: bodyOf(first.next.body) };
}

/** Of what a sniffer gave up: a request that names somebody, and goes on. */
function isUnfinished({ protocol, malformed, next }: Sniffed): boolean {
  return protocol === 'http' && malformed === null && next === null;
}

function bodyOf(body: number | 'chunked' | 'tunnel'): BodyReader | null {
  return body === 'tunnel' ? null : new BodyReader(body);
}

function afterHead(body: BodyReader | null): Reading {
  return body === null || body.over ? newStart() : { kind: 'body', body };
}

function newStart(): Reading {
  return { kind: 'start', sniffer: new Sniffer(), passed: 0, isNamed: false };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const buffer = new ByteBuffer();
  buffer.append(a, 0, a.length);
  buffer.append(b, 0, b.length);
  return buffer.view();
}

function passAll(bytes: Uint8Array): Step {
  return { pass: bytes, found: null, rest: EMPTY };
}
