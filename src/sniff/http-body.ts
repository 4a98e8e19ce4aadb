import { CR, LF } from './ascii.ts';

/**
 * How a request goes on behind its head: so many bytes, chunks (RFC 9112, section 7.1), or, of a CONNECT, what is meant for the other
 * side.
 */
export type Body = number | 'chunked' | 'tunnel';

/** Longest line in front of a chunk, and all trailer fields together. */
const LINE_MAX_BYTES = 4_096;
const TRAILERS_MAX_BYTES = 16_384;
const SIZE_MAX_DIGITS = 12;

type Place = 'size' | 'extension' | 'size_end' | 'data' | 'data_end' | 'trailer' | 'over';

/** Follows the body of a request to its end, without keeping it. Chunks are read strictly: what two servers may read in two ways is broken. */
export class BodyReader {
  #place: Place;
  /** Bytes of the body or of the chunk that are still to come. */
  #left: number;
  #digits = 0;
  #lineBytes = 0;
  #trailerBytes = 0;
  #lineIsEmpty = true;
  #afterCr = false;

  constructor(body: number | 'chunked') {
    this.#isChunked = body === 'chunked';
    this.#left = body === 'chunked' ? 0 : body;
    this.#place = body === 'chunked' ? 'size' : body === 0 ? 'over' : 'data';
  }

  readonly #isChunked: boolean;

  get over(): boolean {
    return this.#place === 'over';
  }

  /** Bytes from here on that are nothing but body. */
  get left(): number {
    return this.#place === 'data' ? this.#left : 0;
  }

  /** So many bytes of `left` went by elsewhere. */
  skip(bytes: number): void {
    this.#left -= bytes;
    if (this.#left === 0) this.#place = this.#isChunked ? 'data_end' : 'over';
  }

  /** Reads on in `bytes[at, end)`; where the body ends in them, `end` when it does not, null when it is broken. */
  read(bytes: Uint8Array, start: number): number | null {
    let at = start;
    while (at < bytes.length && this.#place !== 'over') {
      if (this.#place === 'data') {
        const taken = Math.min(this.#left, bytes.length - at);
        at += taken;
        this.skip(taken);
      } else if (!this.#readByte(bytes[at++] ?? 0)) return null;
    }
    return at;
  }

  #readByte(byte: number): boolean {
    switch (this.#place) {
      case 'size':
      case 'extension':
        return this.#readSizeByte(byte);
      case 'size_end':
        this.#place = this.#left === 0 ? 'trailer' : 'data';
        return byte === LF;
      case 'data_end':
        return this.#readLineEnd(byte, 'size');
      case 'trailer':
        return this.#readTrailerByte(byte);
      default:
        return false;
    }
  }

  #readSizeByte(byte: number): boolean {
    if (++this.#lineBytes > LINE_MAX_BYTES || byte === LF) return false;
    if (byte === CR) {
      const known = this.#digits > 0;
      this.#place = 'size_end';
      this.#digits = 0;
      this.#lineBytes = 0;
      return known;
    }
    if (this.#place === 'extension') return true;
    const digit = hexDigit(byte);
    if (digit >= 0) {
      this.#left = this.#left * 16 + digit;
      return ++this.#digits <= SIZE_MAX_DIGITS;
    }
    this.#place = 'extension';
    return this.#digits > 0 && (byte === 0x3b || byte === 0x20 || byte === 0x09); // ";" or a blank before it
  }

  #readLineEnd(byte: number, next: Place): boolean {
    if (!this.#afterCr) {
      this.#afterCr = true;
      return byte === CR;
    }
    this.#afterCr = false;
    this.#place = next;
    return byte === LF;
  }

  #readTrailerByte(byte: number): boolean {
    if (++this.#trailerBytes > TRAILERS_MAX_BYTES) return false;
    if (this.#afterCr) {
      this.#afterCr = false;
      if (this.#lineIsEmpty) this.#place = 'over';
      this.#lineIsEmpty = true;
      return byte === LF;
    }
    if (byte === LF) return false;
    if (byte === CR) this.#afterCr = true;
    else this.#lineIsEmpty = false;
    return true;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
