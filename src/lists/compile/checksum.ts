import { KEY_WORDS } from '../../policy/hosts/hash.ts';

/** CRC-32, about 0.03 ms a megabyte. */
export const crc32 = (bytes: Uint8Array): number => Bun.hash.crc32(bytes) >>> 0;

/** A new random key for a compiled file. */
export function newKey(): Int32Array {
  return crypto.getRandomValues(new Int32Array(KEY_WORDS));
}

/** The bytes of an array of words, without copying. */
export const bytesOf = (words: Int32Array): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
