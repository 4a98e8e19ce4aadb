import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { ja4 } from '../sniff/ja4.ts';

/** Different hellos seen on one machine are few: one or two a program. */
const CACHE_MAX = 512;

const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Hashes raw JA4 fingerprints, each once. */
export class Ja4Cache {
  readonly #cache = new LRUCache<string, string>({ max: CACHE_MAX });

  hash(raw: string): string {
    let hashed = this.#cache.get(raw);
    if (hashed === undefined) {
      hashed = ja4(raw, sha256Hex);
      this.#cache.set(raw, hashed);
    }
    return hashed;
  }
}
