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
  readonly #names = new LRUCache<Uid, { readonly name: string | null }>({ max: USERS_MAX, ttl: KEEP_MS });
  readonly #asking = new Map<Uid, Promise<string | null>>();

  /** `ask` settles with null when nobody has this number, and never rejects. */
  constructor(private readonly ask: (uid: Uid) => Promise<string | null>) {}

  /** The name of a user; null when there is none. Not more than 256 questions are under way at once. */
  name(uid: Uid): string | null | Promise<string | null> {
    const known = this.#names.get(uid);
    if (known !== undefined) return known.name;
    const asked = this.#asking.get(uid);
    if (asked !== undefined) return asked;
    if (this.#asking.size >= USERS_MAX) return null;
    const answer = this.#learn(uid);
    this.#asking.set(uid, answer);
    return answer;
  }

  async #learn(uid: Uid): Promise<string | null> {
    const name = await this.ask(uid);
    this.#names.set(uid, { name });
    this.#asking.delete(uid);
    return name;
  }
}
