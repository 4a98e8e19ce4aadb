import { jsonrepair } from 'jsonrepair';

/** Longest text that is repaired; the library's worst cases grow with the square of it. */
const REPAIR_MAX_CHARS = 8_192;
/** Deepest nesting that is repaired. */
const REPAIR_MAX_DEPTH = 32;
/** Repairs tried in one reply. */
const REPAIRS_MAX = 6;
/** Places of one reply at which JSON is looked for and not found. */
const MISSES_MAX = 32;
/** Objects and arrays of one reply that are read. */
const FOUND_MAX = 128;

/** A text read as JSON. `cut`: it ends in the middle, and what is missing must not be guessed. */
export type Loose =
  | { readonly kind: 'ok'; readonly value: unknown }
  | { readonly kind: 'cut' }
  | { readonly kind: 'bad' };

/** An object or array found in a text, and where. */
export interface FoundJson {
  readonly value: object;
  readonly start: number;
  /** Behind its last character. */
  readonly end: number;
  /** All that it opens it closes too. */
  readonly isWhole: boolean;
}

/** Reads JSON as models write it, within the bounds of one reply: what is not strictly JSON is repaired, a few times. */
export class LooseJson {
  #repairsLeft = REPAIRS_MAX;
  #missesLeft = MISSES_MAX;
  #sawCut = false;

  /** Whether something that began as JSON ended in the middle. */
  get sawCut(): boolean {
    return this.#sawCut;
  }

  /** Reads all of a text as one value: trailing commas, single quotes, comments, Python's constants and unquoted keys included. */
  parse(text: string): Loose {
    try {
      return { kind: 'ok', value: JSON.parse(text) };
    } catch {
      return this.#repair(text.trim());
    }
  }

  /** All objects and arrays of objects that stand in a text, outermost only, in order. */
  find(text: string): readonly FoundJson[] {
    const found: FoundJson[] = [];
    let at = nextStart(text, 0);
    while (at >= 0 && this.#missesLeft > 0 && found.length < FOUND_MAX) {
      const one = this.findAt(text, at);
      if (one === null) this.#missesLeft--;
      else found.push(one);
      at = nextStart(text, one?.end ?? at + 1);
    }
    return found;
  }

  /** The object or array that begins at a place; null when there is none. */
  findAt(text: string, start: number): FoundJson | null {
    const end = balancedEnd(text, start);
    if (end > 0) {
      const read = this.parse(text.slice(start, end));
      if (isObject(read)) return { value: read.value, start, end, isWhole: true };
    }
    // Quotes within a string may have hidden its end: what a fence, a tag or the end of the text closes is tried too.
    const limit = closingOf(text, start, start + REPAIR_MAX_CHARS);
    if (limit === end) return null;
    const tail = text.slice(start, limit);
    const read = this.#repair(tail);
    if (read.kind === 'cut') this.#sawCut = true;
    return isObject(read) ? { value: read.value, start, end: start + tail.length, isWhole: false } : null;
  }

  #repair(text: string): Loose {
    if (text === '' || text.length > REPAIR_MAX_CHARS || depthOf(text) > REPAIR_MAX_DEPTH)
      return { kind: 'bad' };
    // Closing brackets may be too few, but what ends in none, or within a text, could end in half a value.
    if (/^[{[]/.test(text) && (!/[}\]]$/.test(text) || endsInText(text))) return { kind: 'cut' };
    if (this.#repairsLeft-- <= 0) return { kind: 'bad' };
    try {
      return { kind: 'ok', value: JSON.parse(jsonrepair(text)) };
    } catch {
      return { kind: 'bad' };
    }
  }
}

function isObject(read: Loose): read is { kind: 'ok'; value: object } {
  return read.kind === 'ok' && typeof read.value === 'object' && read.value !== null;
}

/** The next place that could open an object with a key, or an array of objects. */
function nextStart(text: string, from: number): number {
  const start = /\{(?=\s{0,80}(?:["'“‘\\/}]|[\p{L}_][\w-]{0,40}\s{0,5}:))|\[(?=\s{0,80}\{)/gu;
  start.lastIndex = from;
  return start.exec(text)?.index ?? -1;
}

/** Behind the bracket that closes the one at `start`, strings in double quotes passed over; -1 when none does. */
export function balancedEnd(text: string, start: number): number {
  let depth = 0;
  let isInString = false;
  for (let i = start; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x5c) i++;
    else if (c === 0x22) isInString = !isInString;
    else if (isInString) continue;
    else if (c === 0x7b || c === 0x5b) depth++;
    else if ((c === 0x7d || c === 0x5d) && --depth <= 0) return i + 1;
  }
  return -1;
}

/** Where JSON that never closes must have ended: before a closing fence or tag, else with the text; looked for up to `most`. */
function closingOf(text: string, start: number, most: number): number {
  const near = text.slice(start, most + 1);
  const marks = ['\n```', '</', '<|', '<｜'].map((mark) => near.indexOf(mark)).filter((at) => at >= 0);
  return start + near.slice(0, Math.min(near.length, ...marks)).trimEnd().length;
}

/** Whether the quotes of a JSON text are odd in number. */
function endsInText(text: string): boolean {
  let isInText = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x5c) i++;
    else if (c === 0x22) isInText = !isInText;
  }
  return isInText;
}

/** Deepest nesting, strings not told apart. */
function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x7b || c === 0x5b) most = Math.max(most, ++depth);
    else if (c === 0x7d || c === 0x5d) depth--;
  }
  return most;
}
