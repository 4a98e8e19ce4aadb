import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, type Stats } from 'node:fs';
import type { ListInput } from './list-input.ts';

/** Largest list file that is read. */
const LIST_FILE_MAX_BYTES = 1_073_741_824;
const CHUNK_BYTES = 262_144;

/**
 * Reads a list file piece by piece; a piece is only valid during its call. Throws an error that says what is wrong with the
 * file: missing, not a plain file, too large, or writable by users who must not decide for others.
 */
export function readListFile(input: ListInput, onPiece: (bytes: Uint8Array) => void): void {
  // Files inside the compiled program can be read, but not opened.
  if (input.trust === 'embedded') {
    onPiece(readFileSync(input.path));
    return;
  }
  // A pipe would block an open without O_NONBLOCK.
  const fd = openSync(input.path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const fault = faultOf(fstatSync(fd), input);
    if (fault !== null) throw new Error(`${input.path}: ${fault}`);
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (let total = 0; ; ) {
      const size = readSync(fd, chunk, 0, CHUNK_BYTES, null);
      if (size === 0) return;
      total += size;
      if (total > LIST_FILE_MAX_BYTES)
        throw new Error(`${input.path}: it grew past ${LIST_FILE_MAX_BYTES} bytes`);
      onPiece(chunk.subarray(0, size));
    }
  } finally {
    closeSync(fd);
  }
}

function faultOf(stats: Stats, input: ListInput): string | null {
  if (!stats.isFile()) return 'not a plain file';
  if (stats.size > LIST_FILE_MAX_BYTES) {
    return `${stats.size} bytes are more than the ${LIST_FILE_MAX_BYTES} that a list may have`;
  }
  if (input.trust !== 'user' || process.geteuid?.() !== 0) return null;
  if ((stats.mode & 0o002) !== 0) return 'every user may write it; run chmod o-w on it';
  if ((stats.mode & 0o020) !== 0 && stats.gid !== 0) return 'its group may write it; run chmod g-w on it';
  if (input.kind === 'allow' && stats.uid !== 0)
    return 'an allowlist must belong to root; run chown root on it';
  return null;
}
