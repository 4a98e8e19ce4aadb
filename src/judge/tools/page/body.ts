import { type Bytes, decodeContent } from '../../../net/content-encoding.ts';
import type { GetResponse } from '../../../net/http-get.ts';

/** What was read of a body. `cut` says why that is not all of it; null when it is. */
export interface Body {
  readonly bytes: Uint8Array;
  readonly cut: string | null;
}

/** The only encoding that is asked for: others decode with windows of many megabytes. */
const ENCODINGS: ReadonlySet<string> = new Set(['', 'identity', 'gzip', 'x-gzip']);

/**
 * Reads a body, unpacked, up to `maxBytes` of it, and never more than that over the wire. Whatever ends it early, what came before
 * is kept. Closes the response.
 */
export async function readBody(response: GetResponse, maxBytes: number, signal: AbortSignal): Promise<Body> {
  const held = new Uint8Array(maxBytes);
  let size = 0;
  let cut: string | null = null;
  try {
    const encoding = (response.head.headers.get('content-encoding') ?? '').trim().toLowerCase();
    if (!ENCODINGS.has(encoding)) return { bytes: new Uint8Array(0), cut: 'its encoding was not asked for' };
    for await (const piece of decodeContent(atMost(response.body, maxBytes), encoding)) {
      held.set(piece.subarray(0, maxBytes - size), size);
      size = Math.min(maxBytes, size + piece.length);
      if (size === maxBytes) throw tooLong(maxBytes);
    }
  } catch (error) {
    cut = signal.aborted ? 'the time was over' : error instanceof Error ? error.message : String(error);
  } finally {
    response.close();
  }
  return { bytes: held.subarray(0, size), cut };
}

async function* atMost(body: Bytes, maxBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > maxBytes) {
      yield piece.subarray(0, piece.length - (size - maxBytes));
      throw tooLong(maxBytes);
    }
    yield piece;
  }
}

function tooLong(maxBytes: number): Error {
  return new Error(`it is longer than ${Math.ceil(maxBytes / 1_024)} KB`);
}
