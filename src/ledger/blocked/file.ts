import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { isOwn, othersMayWrite } from '../../files/ownership.ts';
import type { FlowRecord } from '../../model/flow.ts';
import { blockedLine } from './line.ts';

const OPEN_FLAGS =
  constants.O_WRONLY |
  constants.O_APPEND |
  constants.O_CREAT |
  // Neither a link somebody left there nor a pipe nobody reads.
  constants.O_NOFOLLOW |
  constants.O_NONBLOCK;

/**
 * The tab-separated file of blocked flows, append only. It is opened anew when it was moved away (logrotate). Trouble
 * costs the lines of that moment and is told; it never stops anything.
 */
export class BlockedFile {
  readonly #path: string;
  #fd: number | null = null;
  #error: string | null = null;
  #lost = 0;
  /** The file ends in the middle of a line: a full disk took only a part of it. */
  #torn = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Why lines could not be written at the last try, and how many are lost since the start; null when it worked. */
  get error(): string | null {
    return this.#error === null ? null : `${this.#error} (${this.#lost} lines of the blocked file are lost)`;
  }

  append(flows: readonly FlowRecord[]): void {
    if (flows.length === 0) return;
    try {
      const fd = this.#opened();
      this.#writeAll(fd, `${this.#torn ? '\n' : ''}${flows.map(blockedLine).join('')}`);
      this.#torn = false;
      this.#error = null;
    } catch (error) {
      this.#lost += flows.length;
      this.#error = `cannot write ${this.#path}: ${error instanceof Error ? error.message : String(error)}`;
      this.close();
    }
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #opened(): number {
    if (this.#fd !== null && this.#moved(this.#fd)) this.close();
    if (this.#fd !== null) return this.#fd;
    const fd = openSync(this.#path, OPEN_FLAGS, 0o600);
    try {
      if (checkedSize(fd) === 0) this.#torn = false;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    this.#fd = fd;
    return fd;
  }

  #moved(fd: number): boolean {
    const there = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
    const ours = fstatSync(fd, { bigint: true });
    return there === undefined || there.ino !== ours.ino || there.dev !== ours.dev;
  }

  #writeAll(fd: number, text: string): void {
    const bytes = Buffer.from(text);
    let at = 0;
    while (at < bytes.length) {
      const taken = writeSync(fd, bytes, at);
      this.#torn = at + taken < bytes.length;
      if (taken === 0) throw new Error('the disk took nothing');
      at += taken;
    }
  }
}

/** The size of the file; throws when another user owns it, can write it, or may have a second name for it. */
function checkedSize(fd: number): number {
  const found = fstatSync(fd);
  if (!found.isFile()) throw new Error('it is not a plain file');
  if (!isOwn(found)) throw new Error(`it belongs to user id ${found.uid}; move it away`);
  if (othersMayWrite(found)) throw new Error('other users can write it; run chmod go-w on it');
  if (found.nlink !== 1) throw new Error('it has a second name (hard link); move it away');
  return found.size;
}
