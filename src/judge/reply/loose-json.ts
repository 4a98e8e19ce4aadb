import { jsonrepair } from 'jsonrepair';

/** Text of one reply that is repaired; the library's worst cases grow with the square of it. */
const REPAIR_MAX_CHARS = 8_192;
/** Places of one reply at which JSON is looked for. */
const PLACES_MAX = 64;
/** Deepest nesting that is read. */
const DEPTH_MAX = 32;
/** What could open an object with a key, be it cut off, or an array of objects. */
const START = /\{(?=\s{0,80}(?:["'“‘\\/}]|$|[\p{L}_][\w-]{0,40}(?:\s{0,5}:|$)))|\[(?=\s{0,80}\{)/gu;

/** An object or array found in a text; `end` is behind its last character. */
export interface FoundJson {
  readonly value: object;
  readonly start: number;
  readonly end: number;
}

/** Reads JSON as models write it, within the bounds of one reply: what is not strictly JSON is repaired. */
export class LooseJson {
  #placesLeft = PLACES_MAX;
  #charsLeft = REPAIR_MAX_CHARS;
  /** Whether something that began as JSON never ended. */
  sawCut = false;

  /**
   * Reads all of a text as one value: trailing commas, single quotes, comments, Python's constants and unquoted keys included.
   * Undefined for what is none, and for what ends in the middle, for what is missing must not be guessed.
   */
  parse(text: string): unknown {
    const value = strictJson(text);
    const bare = text.trim();
    if (value !== undefined || bare.length > this.#charsLeft || !/^[{[]/.test(bare)) return value;
    if (balancedEnd(bare, 0) !== bare.length) return undefined;
    this.#charsLeft -= bare.length;
    try {
      return JSON.parse(jsonrepair(bare));
    } catch {
      return undefined;
    }
  }

  /** All objects and arrays of objects that stand in a text, outermost only, in order. */
  find(text: string): readonly FoundJson[] {
    const found: FoundJson[] = [];
    for (let at = 0; this.#placesLeft > 0; this.#placesLeft--) {
      START.lastIndex = at;
      const start = START.exec(text)?.index;
      if (start === undefined) break;
      const end = balancedEnd(text, start);
      this.sawCut ||= end === null;
      const value = end === null ? undefined : this.parse(text.slice(start, end));
      at = start + 1;
      if (end === null || typeof value !== 'object' || value === null) continue;
      found.push({ value, start, end });
      at = end;
    }
    return found;
  }
}

/** A text read as JSON to the letter; undefined for what is none. */
export function strictJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Behind the bracket that closes the one at `start`, strings in double quotes passed over; null when none does, or too deep. */
export function balancedEnd(text: string, start: number): number | null {
  let depth = 0;
  let isInString = false;
  for (let i = start; i < text.length && depth <= DEPTH_MAX; i++) {
    const c = text.charAt(i);
    if (c === '\\') i++;
    else if (c === '"') isInString = !isInString;
    else if (isInString) continue;
    else if (c === '{' || c === '[') depth++;
    else if ((c === '}' || c === ']') && --depth <= 0) return i + 1;
  }
  return null;
}
