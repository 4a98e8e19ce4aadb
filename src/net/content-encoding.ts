import { pipeline, Readable, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';

/** The body of a response, or a file, piece by piece. */
export type Bytes = AsyncIterable<Uint8Array>;

/** Undoes the content encoding of a response. Throws on one that was not asked for. */
export function decodeContent(source: Bytes, encoding: string): Bytes {
  switch (encoding.toLowerCase()) {
    case '':
    case 'identity':
      return source;
    case 'gzip':
    case 'x-gzip':
      return through(source, createGunzip());
    case 'zstd':
      return through(source, createZstdDecompress());
    default:
      throw new Error(`unknown content encoding ${encoding.slice(0, 40)}`);
  }
}

/** Runs bytes through a stream of node:zlib, holding the source back when the reader is slow; leaving early ends both. */
export async function* through(source: Bytes, transform: Transform): AsyncGenerator<Uint8Array> {
  // An error of either side destroys the transform, whose iteration below then throws it.
  pipeline(Readable.from(source), transform, () => {});
  for await (const piece of transform as Bytes) yield piece;
}
