const WORD_BYTES = 4;

/**
 * The first `sizeBytes` bytes of one fixed stream that never repeats within 4 GiB: what servers send and clients upload, so that
 * a lost, doubled or swapped byte changes the SHA-256 (xorshift32, Marsaglia 2003).
 */
export function pattern(sizeBytes: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(sizeBytes / WORD_BYTES));
  let state = 0x9e37_79b9;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new Uint8Array(words.buffer, 0, sizeBytes);
}
