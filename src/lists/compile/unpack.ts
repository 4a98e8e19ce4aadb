import { createGunzip, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { type Bytes, through } from '../../net/content-encoding.ts';

const ZIP_HEADER_BYTES = 30;
const MAGIC_BYTES = 4;

/** Unpacks a file that is gzip, zstd or a zip archive (its first member), told by its first bytes; anything else passes as it is. */
export async function* unpackFile(source: Bytes): AsyncGenerator<Uint8Array> {
  const pieces = source[Symbol.asyncIterator]();
  const { head, rest } = await take(pieces, MAGIC_BYTES);
  const all = joined(head, rest);
  const magic = Buffer.from(head).toString('hex');
  if (magic.startsWith('1f8b')) yield* through(all, createGunzip());
  else if (magic === '28b52ffd') yield* through(all, createZstdDecompress());
  else if (magic === '504b0304') yield* unzipFirst(all);
  else yield* all;
}

/** The first member of a zip archive (APPNOTE 4.3.7): stored and deflated members whose data follows their local header. */
async function* unzipFirst(source: Bytes): AsyncGenerator<Uint8Array> {
  const pieces = source[Symbol.asyncIterator]();
  const fixed = await take(pieces, ZIP_HEADER_BYTES);
  if (fixed.head.length < ZIP_HEADER_BYTES) throw new Error('the zip archive ends in its header');
  const view = new DataView(fixed.head.buffer, fixed.head.byteOffset, ZIP_HEADER_BYTES);
  if ((view.getUint16(6, true) & 1) !== 0) throw new Error('the zip archive is encrypted');
  const names = await take(
    joined(fixed.empty, fixed.rest)[Symbol.asyncIterator](),
    view.getUint16(26, true) + view.getUint16(28, true),
  );
  if (view.getUint16(8, true) !== 8) throw new Error('the zip archive is not deflated');
  yield* through(names.rest, createInflateRaw());
}

/** The first `count` bytes, or fewer when there are no more, and what follows them. */
async function take(pieces: AsyncIterator<Uint8Array>, count: number) {
  let head = Buffer.alloc(0);
  while (head.length < count) {
    const next = await pieces.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  const over = head.subarray(count);
  return {
    head: new Uint8Array(head.subarray(0, count)),
    rest: joined(over, { [Symbol.asyncIterator]: () => pieces }),
    empty: new Uint8Array(0),
  };
}

async function* joined(head: Uint8Array, rest: Bytes): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  yield* rest;
}
