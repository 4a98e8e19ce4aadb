import { ByteBuffer } from './byte-buffer.ts';
import type { Malformed } from './malformed.ts';

/** First byte of a TLS record that carries a handshake message (RFC 8446, section 5.1). */
export const HANDSHAKE_RECORD = 22;
/** Second byte of every TLS record: 3 for SSL 3.0 to TLS 1.3. The byte after it says nothing and servers ignore it. */
export const RECORD_MAJOR_VERSION = 3;

const RECORD_HEADER_BYTES = 5;
const RECORD_MAX_BYTES = 16_384;
// RFC 8446 forbids empty handshake records; OpenSSL and its kin let up to this many through.
const EMPTY_RECORDS_MAX = 32;
const MESSAGE_HEADER_BYTES = 4;
const CLIENT_HELLO = 1;

/** Takes the ClientHello out of the TLS records it is cut into, however those and the TCP segments are cut. */
export class ClientHelloReader {
  readonly #maxBytes: number;
  readonly #message = new ByteBuffer();
  /** Raw bytes before this one are dealt with. */
  #at = 0;
  /** Bytes of the open record that are still to come. */
  #recordLeft = 0;
  #emptyRecords = 0;

  /** `maxBytes` bounds the handshake message. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Reads on in `raw[0, end)`, which is all that came so far. Returns the handshake message with its four-byte header, once
   * it is complete; null while it is not. Looks at every byte once over all calls.
   */
  read(raw: Uint8Array, end: number): Uint8Array | Malformed | null {
    if (this.#at === 0) {
      const whole = helloInOneRecord(raw, end);
      if (whole !== null) return whole;
    }
    while (this.#recordLeft > 0 || end - this.#at >= RECORD_HEADER_BYTES) {
      if (this.#recordLeft === 0) {
        const wrong = this.#openRecord(raw);
        if (wrong !== null) return wrong;
        continue;
      }
      if (this.#at >= end) return null;
      const taken = Math.min(this.#recordLeft, end - this.#at);
      this.#message.append(raw, this.#at, this.#at + taken);
      this.#at += taken;
      this.#recordLeft -= taken;
      const message = this.#finished();
      if (message !== null) return message;
    }
    return null;
  }

  #openRecord(raw: Uint8Array): Malformed | null {
    if (raw[this.#at] !== HANDSHAKE_RECORD || raw[this.#at + 1] !== RECORD_MAJOR_VERSION) {
      return 'a TLS record inside the ClientHello is of another kind';
    }
    const size = ((raw[this.#at + 3] ?? 0) << 8) | (raw[this.#at + 4] ?? 0);
    if (size > RECORD_MAX_BYTES) return 'a TLS record is longer than 16384 bytes';
    if (size === 0 && ++this.#emptyRecords > EMPTY_RECORDS_MAX) return 'too many empty TLS records';
    this.#at += RECORD_HEADER_BYTES;
    this.#recordLeft = size;
    return null;
  }

  #finished(): Uint8Array | Malformed | null {
    const { bytes, length } = this.#message;
    if (bytes[0] !== CLIENT_HELLO) return 'the first TLS message is not a ClientHello';
    if (length < MESSAGE_HEADER_BYTES) return null;
    const size = messageBytes(bytes, 0);
    if (size > this.#maxBytes) return 'the ClientHello is longer than 65536 bytes';
    return length >= size ? bytes.subarray(0, size) : null;
  }
}

// What nearly every client sends: nothing is copied then.
function helloInOneRecord(raw: Uint8Array, end: number): Uint8Array | null {
  if (end < RECORD_HEADER_BYTES + MESSAGE_HEADER_BYTES) return null;
  if (raw[0] !== HANDSHAKE_RECORD || raw[1] !== RECORD_MAJOR_VERSION || raw[5] !== CLIENT_HELLO) return null;
  const record = ((raw[3] ?? 0) << 8) | (raw[4] ?? 0);
  const size = messageBytes(raw, RECORD_HEADER_BYTES);
  if (record > RECORD_MAX_BYTES || size > record || end < RECORD_HEADER_BYTES + size) return null;
  return raw.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + size);
}

function messageBytes(bytes: Uint8Array, at: number): number {
  const body = ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  return MESSAGE_HEADER_BYTES + body;
}
