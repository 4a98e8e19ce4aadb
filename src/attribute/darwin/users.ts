import { LRUCache } from 'lru-cache';
import type { Uid } from '../../model/brand.ts';

const USERS_MAX = 256;
// Accounts are renamed and made; a name is asked for again after this.
const KEEP_MS = 600_000;

/**
 * Names of users, remembered. They come from Open Directory, which may be slow or on another machine, so the first
 * question for a user is answered later and all others at once.
 */
export class DarwinUsers {
  readonly #names = new LRUCache<Uid, { readonly name: string | null }>({
    max: USERS_MAX,
    ttl: KEEP_MS,
    ignoreFetchAbort: true,
    fetchMethod: (uid) => this.#learn(uid),
  });
  #underWay = 0;

  /** `ask` settles with null when nobody has this number, and never rejects. */
  constructor(private readonly ask: (uid: Uid) => Promise<string | null>) {}

  /** The name of a user; null when there is none. Not more than 256 questions are under way at once. */
  name(uid: Uid): string | null | Promise<string | null> {
    const known = this.#names.get(uid);
    if (known !== undefined) return known.name;
    if (this.#underWay >= USERS_MAX) return null;
    return this.#names.fetch(uid).then((learned) => learned?.name ?? null);
  }

  async #learn(uid: Uid): Promise<{ readonly name: string | null }> {
    this.#underWay++;
    const name = await this.ask(uid);
    this.#underWay--;
    return { name };
  }
}
