// TLS vectors (RFC 8446, section 3.4): a length of one or two bytes, then as many bytes.

/** The 16-bit big-endian number at `at`; the caller has checked that it is there. */
export function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** Where the vector with a one-byte length at `at` ends, or -1 when it does not fit before `end`. -1 in gives -1 out. */
export function endOfVector8(bytes: Uint8Array, at: number, end: number): number {
  if (at < 0 || at + 1 > end) return -1;
  const next = at + 1 + (bytes[at] ?? 0);
  return next > end ? -1 : next;
}

/** Where the vector with a two-byte length at `at` ends, or -1 when it does not fit before `end`. -1 in gives -1 out. */
export function endOfVector16(bytes: Uint8Array, at: number, end: number): number {
  if (at < 0 || at + 2 > end) return -1;
  const next = at + 2 + u16(bytes, at);
  return next > end ? -1 : next;
}

/** The 16-bit numbers in `bytes[start, end)` without the reserved ones of RFC 8701 (GREASE); `end - start` is even. */
export function u16List(bytes: Uint8Array, start: number, end: number): number[] {
  const list: number[] = [];
  for (let at = start; at < end; at += 2) {
    const value = u16(bytes, at);
    if (!isGrease(value)) list.push(value);
  }
  return list;
}

/** Whether a value is one that clients send to keep servers tolerant (RFC 8701): 0x0a0a, 0x1a1a … 0xfafa. */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}
