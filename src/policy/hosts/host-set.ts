import { CODES, KEY_WORDS, laneOf, spread, tagOf } from './hash.ts';

/** Words of a row: lane 2, then the line counted through all lists. Only a matching tag leads there, so rows stand apart. */
export const ROW_WORDS = 2;

/** A compiled set as it lies in its file: arrays of 32-bit words in the byte order of the machine. */
export interface HostSetParts {
  /** Random words, `KEY_WORDS` of them. */
  readonly key: Int32Array;
  /** Open addressing: one tag (lane 1) a slot, 0 where empty. The same name stands once for every list that holds it. */
  readonly tags: Int32Array;
  /** One row a slot. */
  readonly rows: Int32Array;
  /** For each list, how many lines the lists before it have; then the lines of all. */
  readonly bases: Int32Array;
  /** The most slots that any search has to look at. */
  readonly reach: number;
}

const DOT = 0x2e;
const TWO_32 = 4_294_967_296;
// A hit is slot * HIT_SPAN + place of the entry's first character in the host: one number, so that nothing is allocated.
const HIT_SPAN = 256;
// What is noted of each suffix of a host: tag, first slot, place in the host, first tag.
const SCRATCH_WORDS = 4;
const LABELS_MAX = 128;

/** No entry matches. */
export const MISS = -1;
/** The slot of a hit. */
export const hitSlot = (hit: number): number => Math.floor(hit / HIT_SPAN);
/** Where in the host the matching entry begins; 0 for the host itself. */
export const hitStart = (hit: number): number => hit % HIT_SPAN;

/** The first slot of a search among `slots`, from lane 0. */
export function homeSlot(lane0: number, slots: number): number {
  return Math.floor((lane0 >>> 0) * (slots / TWO_32));
}

/** Null when the parts fit together, else what does not. Looks at sizes only. */
export function partsError(parts: HostSetParts): string | null {
  if (parts.key.length !== KEY_WORDS) return 'the key has the wrong size';
  if (parts.rows.length !== parts.tags.length * ROW_WORDS) return 'tags and rows differ in number';
  if (parts.bases.length === 0) return 'the lists are missing';
  if (!(parts.reach >= 0 && parts.reach <= parts.tags.length)) return 'the reach is impossible';
  return null;
}

/** Answers whether a host or a parent of it is in a set of millions of names, in one pass and with no allocation. */
export class HostSet {
  readonly #key: Int32Array;
  readonly #tags: Int32Array;
  readonly #rows: Int32Array;
  readonly #bases: Int32Array;
  readonly #reach: number;
  readonly #scratch = new Int32Array(LABELS_MAX * SCRATCH_WORDS);

  /** The parts must fit together (`partsError`). */
  constructor(parts: HostSetParts) {
    this.#key = parts.key;
    this.#tags = parts.tags;
    this.#rows = parts.rows;
    this.#bases = parts.bases;
    this.#reach = parts.reach;
  }

  /**
   * The first entry that covers `host` and stands on a list whose number is set in `on`: parents come before the host itself,
   * lists with a low number before others. The top-level label alone is never looked up. `MISS` when there is none.
   */
  find(host: string, on: Uint8Array): number {
    if (this.#reach === 0) return MISS;
    const suffixes = this.#hash(host);
    for (let i = 0; i < suffixes; i++) {
      const hit = this.#probe(i, host, on);
      if (hit !== MISS) return hit;
    }
    return MISS;
  }

  /** As `find`, but the host itself comes first and its farthest parent last. */
  findClosest(host: string, on: Uint8Array): number {
    if (this.#reach === 0) return MISS;
    for (let i = this.#hash(host) - 1; i >= 0; i--) {
      const hit = this.#probe(i, host, on);
      if (hit !== MISS) return hit;
    }
    return MISS;
  }

  /**
   * Notes tag, first slot and first tag of every suffix of two labels and more; how many there are. The first tags are
   * read one right after the other, before anything depends on them, so that the memory fetches their cache lines at the same time.
   */
  #hash(host: string): number {
    const key = this.#key;
    const tags = this.#tags;
    const scratch = this.#scratch;
    const scale = tags.length / TWO_32;
    let first = 0;
    let second = 0;
    let labels = 0;
    let at = 0;
    for (let i = host.length - 1, k = 0; i >= -1; i--, k += 2) {
      const char = i < 0 ? DOT : host.charCodeAt(i);
      if (char === DOT && labels++ > 0) {
        scratch[at] = tagOf(spread(second));
        scratch[at + 1] = Math.floor((spread(first) >>> 0) * scale);
        scratch[at + 2] = i + 1;
        at += SCRATCH_WORDS;
      }
      const code = CODES[char & 0xff] as number;
      first = (first + Math.imul(key[k] as number, code)) | 0;
      second = (second + Math.imul(key[k + 1] as number, code)) | 0;
    }
    for (let i = 0; i < at; i += SCRATCH_WORDS) scratch[i + 3] = tags[scratch[i + 1] as number] as number;
    return at / SCRATCH_WORDS;
  }

  /** The slots of the entries for exactly this name, parents not: one for each list that holds it. */
  exact(name: string): number[] {
    return this.slotsOf(
      laneOf(this.#key, 0, name, 0),
      laneOf(this.#key, 1, name, 0),
      laneOf(this.#key, 2, name, 0),
    );
  }

  /** The slots of the entries with this fingerprint. */
  slotsOf(lane0: number, lane1: number, lane2: number): number[] {
    const slots: number[] = [];
    const tag = tagOf(lane1);
    let slot = homeSlot(lane0, this.#tags.length);
    for (let step = 0; step < this.#reach && this.#tags[slot] !== 0; step++) {
      if (this.#tags[slot] === tag && this.#rows[slot * ROW_WORDS] === lane2) slots.push(slot);
      slot = slot + 1 === this.#tags.length ? 0 : slot + 1;
    }
    return slots;
  }

  /** The number of the list that a slot belongs to. */
  list(slot: number): number {
    const line = (this.#rows[slot * ROW_WORDS + 1] as number) >>> 0;
    let low = 0;
    let high = this.#bases.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#bases[middle] as number) >>> 0 < line) low = middle;
      else high = middle;
    }
    return low;
  }

  /** The line of its list's source, from 1, that a slot came from. */
  line(slot: number): number {
    return ((this.#rows[slot * ROW_WORDS + 1] as number) - (this.#bases[this.list(slot)] as number)) >>> 0;
  }

  #probe(suffix: number, host: string, on: Uint8Array): number {
    const scratch = this.#scratch;
    const at = suffix * SCRATCH_WORDS;
    if (scratch[at + 3] === 0) return MISS;
    const tag = scratch[at] as number;
    const tags = this.#tags;
    let slot = scratch[at + 1] as number;
    for (let step = 0; step < this.#reach; step++) {
      const here = tags[slot] as number;
      if (here === 0) return MISS;
      if (here === tag) {
        const from = scratch[at + 2] as number;
        if (this.#confirms(slot, host, from) && on[this.list(slot)] === 1) return slot * HIT_SPAN + from;
      }
      slot = slot + 1 === tags.length ? 0 : slot + 1;
    }
    return MISS;
  }

  #confirms(slot: number, host: string, from: number): boolean {
    return this.#rows[slot * ROW_WORDS] === laneOf(this.#key, 2, host, from);
  }
}
