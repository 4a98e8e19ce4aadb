import { laneOf, NAME_MAX_CHARS, tagOf } from './hash.ts';
import { type HostSetParts, homeSlot, ROW_WORDS } from './host-set.ts';

/** Words of a record: three lanes and the line. Records of one list stand in the order of its lines. */
export const RECORD_WORDS = 4;
/** Most names one list may hold; `add` refuses more. */
const NAMES_MAX = 20_000_000;

const FIRST_CAPACITY = 1_024;
// Fuller tables are smaller and searched longer; half full, a search that finds nothing looks at two or three slots (Knuth, 6.4).
const FULL = 0.5;
// Lines are counted through all lists in 32 bits.
const LINES_MAX = 2 ** 32;

/** Gathers the names of one list as records. */
export class RecordWriter {
  readonly #key: Int32Array;
  #records = new Int32Array(FIRST_CAPACITY * RECORD_WORDS);
  #count = 0;

  constructor(key: Int32Array) {
    this.#key = key;
  }

  get count(): number {
    return this.#count;
  }

  /** Adds a name; false when it is too long or the list is full. */
  add(name: string, line: number): boolean {
    if (this.#count >= NAMES_MAX || name.length > NAME_MAX_CHARS) return false;
    const at = this.#count * RECORD_WORDS;
    if (at === this.#records.length) this.#grow();
    const records = this.#records;
    records[at] = laneOf(this.#key, 0, name, 0);
    records[at + 1] = laneOf(this.#key, 1, name, 0);
    records[at + 2] = laneOf(this.#key, 2, name, 0);
    records[at + 3] = line;
    this.#count++;
    return true;
  }

  /** The records so far: a view that the next `add` may leave behind. */
  records(): Int32Array {
    return this.#records.subarray(0, this.#count * RECORD_WORDS);
  }

  #grow(): void {
    const bigger = new Int32Array(this.#records.length * 2);
    bigger.set(this.#records);
    this.#records = bigger;
  }
}

/** The names of one list. */
export interface ListRecords {
  readonly records: Int32Array;
  /** Lines of its source; no record has a greater one. */
  readonly lines: number;
}

/** A set, and how many different names each of its lists has. */
export interface BuiltHostSet {
  readonly parts: HostSetParts;
  readonly counts: readonly number[];
}

/**
 * Puts the records of all lists into one set; a list's number is its place in `lists`. A name that a list holds twice keeps
 * its first line. Throws when the lists have more than 2^32 lines together.
 */
export function buildHostSet(key: Int32Array, lists: readonly ListRecords[]): BuiltHostSet {
  const total = lists.reduce((sum, list) => sum + list.records.length / RECORD_WORDS, 0);
  const slots = total === 0 ? 0 : Math.ceil(total / FULL) + 1;
  const table: Table = { tags: new Int32Array(slots), rows: new Int32Array(slots * ROW_WORDS) };
  const bases = new Int32Array(lists.length + 1);
  const counts: number[] = [];
  let reach = 0;
  let base = 0;
  lists.forEach((list, number) => {
    bases[number] = base;
    let count = 0;
    for (let at = 0; at < list.records.length; at += RECORD_WORDS) {
      const steps = insert(table, list.records, at, base);
      if (steps > 0) count++;
      if (steps > reach) reach = steps;
    }
    counts.push(count);
    base += list.lines;
  });
  if (base >= LINES_MAX) throw new Error(`the lists have ${base} lines together, more than ${LINES_MAX}`);
  bases[lists.length] = base;
  return { parts: { key, ...table, bases, reach }, counts };
}

interface Table {
  readonly tags: Int32Array;
  readonly rows: Int32Array;
}

/** Puts one record into the table; how many slots a search for it looks at, 0 when its list already has the name. */
function insert(table: Table, records: Int32Array, at: number, base: number): number {
  const { tags, rows } = table;
  const tag = tagOf(records[at + 1] as number);
  const lane2 = records[at + 2] as number;
  let slot = homeSlot(records[at] as number, tags.length);
  let steps = 1;
  for (; tags[slot] !== 0; steps++) {
    const row = slot * ROW_WORDS;
    const same = tags[slot] === tag && rows[row] === lane2 && (rows[row + 1] as number) >>> 0 > base;
    if (same) return 0;
    slot = slot + 1 === tags.length ? 0 : slot + 1;
  }
  tags[slot] = tag;
  rows[slot * ROW_WORDS] = lane2;
  rows[slot * ROW_WORDS + 1] = base + (records[at + 3] as number);
  return steps;
}
