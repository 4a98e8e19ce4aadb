import { readFileSync, statSync } from 'node:fs';
import { LRUCache } from 'lru-cache';
import type { Uid } from '../../model/brand.ts';
import { runProgram, systemProgram } from '../../system/run-program.ts';

const PASSWD = '/etc/passwd';
/** How long /etc/passwd is taken to be unchanged. */
const CHECK_MS = 1_000;
const LINES_MAX = 100_000;
/** Users of other sources, LDAP or systemd, that are remembered, and for how long. */
const OTHERS_MAX = 1_000;
const OTHERS_TTL_MS = 300_000;
const GETENT_TIMEOUT_MS = 2_000;
/** Programs that look names up at the same time; past it the number stands for the user. */
const UNDER_WAY_MAX = 8;

/** Names of users: from /etc/passwd at once, from the machine's other sources a little later. */
export class LinuxUsers {
  readonly #others = new LRUCache<Uid, { readonly name: string | null }>({
    max: OTHERS_MAX,
    ttl: OTHERS_TTL_MS,
    ignoreFetchAbort: true,
    fetchMethod: (uid) => this.#learn(uid),
  });
  #underWay = 0;
  #passwd: ReadonlyMap<number, string> = new Map();
  #version = '';
  #checkedAtMs = Number.NEGATIVE_INFINITY;

  /** The name of a user; null when there is none. A promise when another source has to be asked first; it never rejects. */
  name(uid: Uid, nowMs: number): string | null | Promise<string | null> {
    if (nowMs - this.#checkedAtMs >= CHECK_MS) this.#readPasswd(nowMs);
    const known = this.#passwd.get(uid) ?? this.#others.get(uid)?.name;
    if (known !== undefined) return known;
    if (this.#underWay >= UNDER_WAY_MAX) return null;
    return this.#others.fetch(uid).then((learned) => learned?.name ?? null);
  }

  #readPasswd(nowMs: number): void {
    this.#checkedAtMs = nowMs;
    try {
      const stat = statSync(PASSWD);
      const version = `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
      if (version === this.#version) return;
      this.#passwd = readPasswd(readFileSync(PASSWD, 'utf8'));
      this.#version = version;
    } catch {
      // While it is being replaced: the names read last still hold, and it is looked at again in a second.
    }
  }

  // A program of its own asks, since these sources may be slow and load foreign code.
  async #learn(uid: Uid): Promise<{ readonly name: string | null }> {
    this.#underWay++;
    try {
      return { name: await askGetent(uid) };
    } catch {
      return { name: null }; // It could not be started; the number stands for the user until it is asked for again.
    } finally {
      this.#underWay--;
    }
  }
}

// A program of its own asks, since these sources may be slow and load foreign code.
async function askGetent(uid: Uid): Promise<string | null> {
  const getent = systemProgram('getent');
  if (getent === null) return null;
  const args = ['passwd', String(uid)];
  const { stdout } = await runProgram({ path: getent, args, timeoutMs: GETENT_TIMEOUT_MS });
  return readPasswd(stdout).get(uid) ?? null;
}

/** Reads passwd(5) lines into names by number; the first name of a number counts. */
export function readPasswd(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split('\n', LINES_MAX)) {
    const [name = '', , uid = '', gid] = line.split(':');
    if (name === '' || gid === undefined || !/^\d{1,10}$/.test(uid) || names.has(Number(uid))) continue;
    names.set(Number(uid), name);
  }
  return names;
}
