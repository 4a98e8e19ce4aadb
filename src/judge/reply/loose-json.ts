import { jsonrepair } from 'jsonrepair';

/** Longest text that is repaired; the library's worst cases grow with the square of it. */
const REPAIR_MAX_CHARS = 8_192;
/** Deepest nesting that is read. */
const DEPTH_MAX = 32;
/** Repairs tried in one reply. */
const REPAIRS_MAX = 6;
/** Places of one reply at which JSON is looked for and not found. */
const MISSES_MAX = 32;
/** Objects and arrays of one reply that are read. */
const FOUND_MAX = 128;
/** What could open an object with a key, be it cut off, or an array of objects. */
const START = /\{(?=\s{0,80}(?:["'“‘\\/}]|$|[\p{L}_][\w-]{0,40}(?:\s{0,5}:|$)))|\[(?=\s{0,80}\{)/gu;

/** A text read as JSON. `cut`: it ends in the middle, and what is missing must not be guessed. */
export type Loose = { readonly kind: 'ok'; readonly value: unknown } | { readonly kind: 'cut' | 'bad' };

/** A part of a text; `end` is behind its last character. */
export interface Region {
  readonly start: number;
  readonly end: number;
}

/** An object or array found in a text, and where. */
export interface FoundJson extends Region {
  readonly value: object;
}

/** Reads JSON as models write it, within the bounds of one reply: what is not strictly JSON is repaired, a few times. */
export class LooseJson {
  #repairsLeft = REPAIRS_MAX;
  #missesLeft = MISSES_MAX;
  #sawCut = false;

  /** Whether something that began as JSON never ended. */
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
    for (let at = 0; this.#missesLeft > 0 && found.length < FOUND_MAX; ) {
      START.lastIndex = at;
      const start = START.exec(text)?.index;
      if (start === undefined) break;
      const end = balancedEnd(text, start);
      if (end === null) this.#sawCut = true;
      const read = end === null ? null : this.parse(text.slice(start, end));
      const value = read?.kind === 'ok' ? read.value : null;
      if (end !== null && typeof value === 'object' && value !== null) found.push({ value, start, end });
      else this.#missesLeft--;
      at = value === null ? start + 1 : (end ?? 0);
    }
    return found;
  }

  #repair(text: string): Loose {
    if (!/^[{[]/.test(text)) return { kind: 'bad' };
    const end = balancedEnd(text, 0);
    if (end === null) return { kind: 'cut' };
    if (end < text.length || end > REPAIR_MAX_CHARS || this.#repairsLeft-- <= 0) return { kind: 'bad' };
    try {
      return { kind: 'ok', value: JSON.parse(jsonrepair(text)) };
    } catch {
      return { kind: 'bad' };
    }
  }
}

/** Whether a text is strictly JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
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

/** A text with blanks where something was read already. */
export function without(text: string, regions: readonly Region[]): string {
  const kept = regions.map(({ start }, i) => text.slice(regions[i - 1]?.end ?? 0, start));
  return [...kept, text.slice(regions.at(-1)?.end ?? 0)].join(' ');
}
