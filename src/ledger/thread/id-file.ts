import { z } from 'zod';
import { writeAtomically } from '../../files/atomic-file.ts';
import { readTrustedFile } from '../../files/trusted-file.ts';

/** How far the id runs ahead of those given out, so that it is seldom written. */
const AHEAD_IDS = 1_000_000;

const fileSchema = z.object({ reservedId: z.int().min(0) });

/** An id that no flow has reached, in a file beside the database: when that is lost, none is given out again. */
export class IdFile {
  readonly #path: string;
  /** Where an older resolagent kept it, with its copy of the rules. */
  readonly #oldPath: string;
  #reserved: number | null = null;
  #error: string | null = null;

  constructor(databasePath: string) {
    this.#path = `${databasePath}.ids.json`;
    this.#oldPath = `${databasePath}.rules.json`;
  }

  /** Why it could not be written at the last try; null when it could. */
  get error(): string | null {
    return this.#error;
  }

  /** The id; null when there is none that can be read. */
  read(): number | null {
    return readId(this.#path) ?? readId(this.#oldPath);
  }

  /** The folder may be gone, and the file with it. */
  forget(): void {
    this.#reserved = null;
  }

  /** Sees to it that the id stays ahead of the last one given out. */
  keepAhead(issued: number): void {
    this.#reserved ??= readId(this.#path) ?? 0;
    if (this.#reserved - issued >= AHEAD_IDS / 2) return;
    const reservedId = issued + AHEAD_IDS;
    try {
      writeAtomically(this.#path, JSON.stringify({ reservedId }));
      this.#reserved = reservedId;
      this.#error = null;
    } catch (error) {
      this.#error = `cannot write ${this.#path}: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}

function readId(path: string): number | null {
  const file = readTrustedFile(path);
  if (file.kind !== 'ok') return null;
  try {
    return fileSchema.safeParse(JSON.parse(file.text)).data?.reservedId ?? null;
  } catch {
    // Damaged: the same as none. The clock is ahead of every id too.
    return null;
  }
}
