import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const PART = '.part-';
// An unfinished file that is older belongs to nobody who still runs.
const STALE_MS = 3_600_000;

/** A name for a file that is being written. */
const partName = (): string => `${PART}${process.pid}-${randomBytes(6).toString('hex')}`;

/** A file that becomes visible under its name all at once, or not at all: written beside it, flushed to disk, then renamed. */
export class AtomicFile {
  readonly #path: string;
  readonly #part: string;
  #fd: number | null;

  /** Makes the folder (mode 0700) when it is missing. Throws what the system says. */
  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#path = path;
    this.#part = join(dirname(path), partName());
    this.#fd = openSync(this.#part, 'wx', 0o600);
  }

  /** Where the content lies until `commit`. */
  get part(): string {
    return this.#part;
  }

  /** Writes at the end, or at `position`; a gap that is left reads as zeros. */
  write(bytes: Uint8Array, position: number | null = null): void {
    if (this.#fd === null) throw new Error(`${this.#path} is closed`);
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(
        this.#fd,
        bytes,
        done,
        bytes.length - done,
        position === null ? null : position + done,
      );
    }
  }

  /** Flushes what was written, so that it can be read back before `commit`. */
  flush(): void {
    if (this.#fd !== null) fsyncSync(this.#fd);
  }

  /** Puts the content in force. After a power cut either the old or the new content is there. */
  commit(): void {
    this.flush();
    this.#shut();
    renameSync(this.#part, this.#path);
    syncFolder(dirname(this.#path));
  }

  /** Gives the content up. */
  discard(): void {
    this.#shut();
    rmSync(this.#part, { force: true });
  }

  #shut(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }
}

/** Writes a whole file at once and atomically; `mode`, whatever the umask, for one that others may read or run. */
export function writeAtomically(
  path: string,
  content: Uint8Array | string,
  mode: number | null = null,
): void {
  const file = new AtomicFile(path);
  try {
    file.write(typeof content === 'string' ? new TextEncoder().encode(content) : content);
    if (mode !== null) chmodSync(file.part, mode);
    file.commit();
  } catch (error) {
    file.discard();
    throw error;
  }
}

/**
 * Writes a whole file, as `AtomicFile` does, without waiting for the disk on this thread. `keepAs`: a name that the file before it
 * takes on; for a moment there is then none at `path`. Rejects with what the system says, and the old content stays.
 */
export async function replaceFile(
  path: string,
  pieces: Iterable<string>,
  keepAs: string | null = null,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const part = join(dirname(path), partName());
  try {
    const file = await open(part, 'wx', 0o600);
    try {
      for (const piece of pieces) await file.appendFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    if (keepAs !== null) await rename(path, keepAs);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Deletes what killed writers left behind in a folder. */
export function removeStaleParts(folder: string, nowMs: number): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(PART)) continue;
    const path = join(folder, name);
    const age = nowMs - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? nowMs);
    if (age > STALE_MS) rmSync(path, { force: true });
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
