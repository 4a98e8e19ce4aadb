import { type Bytes, decodeContent } from './content-encoding.ts';
import type { GetResponse } from './http-get.ts';

/** What was read of a body. `cut` says why that is not all of it; null when it is. */
export interface Body {
  readonly bytes: Uint8Array;
  readonly cut: string | null;
  readonly isTooLong: boolean;
}

/** The only encoding that is asked for: others decode with windows of many megabytes. */
const ENCODINGS: ReadonlySet<string> = new Set(['', 'identity', 'gzip', 'x-gzip']);

/**
 * Reads a body, unpacked, up to `maxBytes` of it, and never more than that over the wire. Whatever ends it early, what came before
 * is kept. Closes the response; never rejects.
 */
export async function bodyUpTo(response: GetResponse, maxBytes: number): Promise<Body> {
  const held = new Uint8Array(maxBytes);
  const tooLong = new Error(`it is longer than ${Math.ceil(maxBytes / 1_024)} KB`);
  let size = 0;
  let fault: unknown = null;
  try {
    const encoding = (response.head.headers.get('content-encoding') ?? '').trim().toLowerCase();
    if (!ENCODINGS.has(encoding)) throw new Error('its encoding was not asked for');
    for await (const piece of decodeContent(atMost(response.body, maxBytes, tooLong), encoding)) {
      held.set(piece.subarray(0, maxBytes - size), size);
      size = Math.min(maxBytes, size + piece.length);
      if (size === maxBytes) throw tooLong;
    }
  } catch (error) {
    fault = error;
  } finally {
    response.close();
  }
  const cut = fault === null ? null : fault instanceof Error ? fault.message : String(fault);
  return { bytes: held.subarray(0, size), cut, isTooLong: fault === tooLong };
}

/** The bytes of a body up to a number; throws `tooLong` where it goes on. */
async function* atMost(body: Bytes, maxBytes: number, tooLong: Error): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > maxBytes) {
      yield piece.subarray(0, piece.length - (size - maxBytes));
      throw tooLong;
    }
    yield piece;
  }
}
