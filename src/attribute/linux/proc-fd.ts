const PREFIX = [...'socket:['].map((c) => c.charCodeAt(0));
const CLOSE = 0x5d;
const ZERO = 0x30;

/** What a link in /proc/PID/fd points to, as a number: the inode of a socket, or -1 for everything else. Makes no object. */
export function socketInode(link: Uint8Array, sizeBytes: number): number {
  if (sizeBytes <= PREFIX.length || sizeBytes > link.length || link[sizeBytes - 1] !== CLOSE) return -1;
  for (let i = 0; i < PREFIX.length; i++) if (link[i] !== PREFIX[i]) return -1;
  return decimal(link, PREFIX.length, sizeBytes - 1);
}

// struct linux_dirent64 of getdents64(2): inode 8, offset 8, record length 2, type 1, name.
const LENGTH_AT = 16;
const NAME_AT = 19;

/** Where the entry after the one at `at` begins; at least one step on, and never past `sizeBytes`. */
export function nextEntry(entries: DataView, at: number, sizeBytes: number): number {
  if (at + NAME_AT > sizeBytes) return sizeBytes;
  const length = entries.getUint16(at + LENGTH_AT, true);
  return length < NAME_AT ? sizeBytes : Math.min(at + length, sizeBytes);
}

/** The name of a directory entry as a number, or -1 when it is not one: descriptors, pids and thread ids have such names. */
export function entryNumber(bytes: Uint8Array, at: number, sizeBytes: number): number {
  const start = at + NAME_AT;
  let end = start;
  while (end < sizeBytes && bytes[end] !== 0) end++;
  return decimal(bytes, start, end);
}

function decimal(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > 15) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
