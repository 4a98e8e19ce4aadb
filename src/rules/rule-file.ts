import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { inTime } from '../async/in-time.ts';
import { replaceFile } from '../files/atomic-file.ts';
import { ensurePrivateDir } from '../files/private-folder.ts';
import type { Rule } from '../model/rule.ts';
import type { CheckedRule } from '../policy/rules/text.ts';
import { type RuleHealth, type RuleStore, rulesOf } from './rule-book.ts';
import { rulesText } from './rules-json.ts';
import { lastGoodPath, readSavedRules, rulesPath } from './saved-rules.ts';

/** Nobody waits longer than this for the disk. */
const SAVE_WAIT_MS = 3_000;
const MISSING = 'missing';

/**
 * The one durable form of the rules that a person made: a file of the state folder, written whole at every change, all at once or not
 * at all, and on disk when that is said.
 *
 * Not a table of the ledger, because rules must outlive it: a database that is damaged, locked or of a newer version costs history,
 * and history alone. In a table they needed a copy beside the database, and a memory in its thread that knew which of the three was
 * right. A file that is written whole cannot be half right. What a bad disk or a hand can still do to it costs the last change at
 * most: the file before is kept (`rules.json.last`), and what cannot be read is put aside (`rules.json.damaged`), not overwritten.
 */
export class RuleFile implements RuleStore {
  readonly #stateDir: string;
  readonly #path: string;
  readonly #onNotice: (text: string) => void;
  #wanted: readonly Rule[] = [];
  /** Grows with every `save`; `#written` is the one on disk. */
  #version = 0;
  #written = 0;
  /** What the file looked like when it was whole and ours. */
  #stamp = MISSING;
  #isDamaged = false;
  #error: string | null = null;
  #notice: string | null = null;
  #writing: Promise<boolean> | null = null;
  /** The one write that waits for the one under way, whoever asks. */
  #next: Promise<boolean> | null = null;
  #isRead = false;
  #isKeeping = false;

  /** `notice` is told what an operator should know. */
  constructor(stateDir: string, notice: (text: string) => void) {
    this.#stateDir = stateDir;
    this.#path = rulesPath(stateDir);
    this.#onNotice = notice;
  }

  get health(): RuleHealth {
    return { error: this.#error, notice: this.#notice };
  }

  async read(): Promise<readonly CheckedRule[]> {
    const saved = readSavedRules(this.#stateDir);
    this.#isRead = true;
    this.#isDamaged = !saved.ok || saved.file === 'damaged';
    if (!saved.ok) {
      // Not written before the next change: what cannot be read today may be read tomorrow.
      this.#happened(`no saved rule is in force: ${saved.error}`);
      return [];
    }
    const aside = this.#isDamaged ? `; it is kept as ${this.#damagedPath}` : '';
    if (saved.notice !== null) this.#happened(`${saved.notice}${aside}`);
    this.#wanted = rulesOf(saved.rules);
    if (saved.file === 'whole') this.#stamp = await stampOf(this.#path);
    else if (this.#wanted.length > 0) this.#version++;
    return saved.rules;
  }

  async save(rules: readonly Rule[]): Promise<boolean> {
    this.#wanted = rules;
    this.#version++;
    const saved = await inTime(this.#soon(), SAVE_WAIT_MS);
    if (saved === null) this.#told(`cannot write ${this.#path}: its disk does not answer`);
    return saved === true;
  }

  async keep(): Promise<void> {
    // Before it was read, the file knows better.
    if (!this.#isRead || this.#isKeeping) return;
    this.#isKeeping = true;
    if (this.#writing !== null) await inTime(this.#writing, SAVE_WAIT_MS);
    else if (this.#written < this.#version || (await this.#isGone())) await this.save(this.#wanted);
    this.#isKeeping = false;
  }

  async #isGone(): Promise<boolean> {
    const version = this.#version;
    const stamp = await inTime(stampOf(this.#path), SAVE_WAIT_MS);
    if (stamp === null || stamp === this.#stamp || version !== this.#version || this.#isDamaged) return false;
    this.#happened(`${this.#path} was deleted or changed by another program; it is written anew`);
    return true;
  }

  #soon(): Promise<boolean> {
    if (this.#writing !== null) {
      this.#next ??= this.#writing.then(() => {
        this.#next = null;
        return this.#soon();
      });
      return this.#next;
    }
    this.#writing = this.#write().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #write(): Promise<boolean> {
    const version = this.#version;
    try {
      ensurePrivateDir(dirname(this.#path));
      await replaceFile(this.#path, rulesText(this.#wanted), await this.#keepAs());
      this.#stamp = await stampOf(this.#path);
      this.#written = version;
      this.#isDamaged = false;
      this.#told(null);
      return true;
    } catch (error) {
      this.#told(`cannot write ${this.#path}: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }

  /** What becomes of the file that is there. */
  async #keepAs(): Promise<string | null> {
    const stamp = await stampOf(this.#path);
    if (stamp === MISSING) return null;
    if (this.#isDamaged) return this.#damagedPath;
    return stamp === this.#stamp ? lastGoodPath(this.#path) : null;
  }

  get #damagedPath(): string {
    return `${this.#path}.damaged`;
  }

  #happened(notice: string): void {
    this.#notice = notice;
    this.#onNotice(notice);
  }

  #told(error: string | null): void {
    if (error !== null && this.#error === null) this.#onNotice(error);
    this.#error = error;
  }
}

/** What tells a file from one that was put in its place or changed. */
async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    // Missing, or its folder is, or it cannot be reached: writing tells which.
    return MISSING;
  }
}
