import { HASH_START, hashStep } from './feature-hash.ts';
import type { SuffixTables } from './name-parts.ts';

/** The word tables as `lists/score/` holds them. */
export interface LexiconData {
  readonly brands: readonly { readonly name: string; readonly domains: readonly string[] }[];
  /** Names among `brands` that the trust score compares with. */
  readonly trustBrands: readonly string[];
  readonly phishKeywords: readonly string[];
  readonly trustKeywords: readonly string[];
  readonly platforms: readonly string[];
  readonly dynamicDns: readonly string[];
  readonly providers: readonly string[];
  readonly providerCustomers: readonly string[];
  readonly confusables: readonly (readonly [ascii: string, lookalikes: string])[];
  /** The tier of a public suffix. */
  readonly tldTier: (suffix: string) => 'restricted' | 'established' | 'open' | 'abused';
}

/** The word tables in the form the scorers read; built once, about 300 KB, then only read. */
export interface Lexicon extends SuffixTables {
  readonly brandNames: readonly string[];
  /** Brands by a registrable domain of their owner; indexes into `brandNames`. */
  readonly owned: ReadonlyMap<string, readonly number[]>;
  readonly keywords: readonly string[];
  readonly trustBrands: readonly number[];
  readonly trustKeywords: ReadonlySet<string>;
  readonly providerCustomers: ReadonlySet<string>;
  readonly dynamicDns: ReadonlySet<string>;
  readonly confusables: ReadonlyMap<number, string>;
  readonly tldTier: LexiconData['tldTier'];
  readonly words: WordTrie;
  /** Brands by the hash of their name with one letter left out, and of the name itself. */
  readonly deletions: ReadonlyMap<number, number>;
}

/** A trie over brands and keywords. */
interface WordTrie {
  /** `next[node * TRIE_SYMBOLS + symbol]`, 0 for none. */
  readonly next: Int16Array;
  /** Per node: 0 no word ends, n > 0 brand n - 1, n < 0 keyword -n - 1. */
  readonly ends: Int16Array;
}

/** a to z, 0 to 9. */
export const TRIE_SYMBOLS = 36;
/** Brands shorter than this have too many neighbours one edit away. */
export const TYPO_MIN_CHARS = 5;

/** The trie symbol of a character code, -1 for one that ends every word. */
export function trieSymbol(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return code - 0x61;
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 26;
  return -1;
}

/** Puts the word tables into the form the scorers read. */
export function buildLexicon(data: LexiconData): Lexicon {
  const brandNames = data.brands.map((brand) => brand.name);
  const isBrand = new Set(brandNames);
  const keywords = data.phishKeywords.filter((word) => !isBrand.has(word));
  return {
    brandNames,
    owned: owners(data.brands),
    keywords,
    trustBrands: data.trustBrands.map((name) => brandNames.indexOf(name)),
    trustKeywords: new Set(data.trustKeywords),
    platforms: new Set([...data.platforms, ...data.dynamicDns]),
    dynamicDns: new Set(data.dynamicDns),
    providers: new Set(data.providers),
    providerCustomers: new Set(data.providerCustomers),
    confusables: new Map(
      data.confusables.flatMap(([ascii, lookalikes]) =>
        [...lookalikes].map((letter): [number, string] => [letter.codePointAt(0) ?? 0, ascii]),
      ),
    ),
    tldTier: data.tldTier,
    words: wordTrie(brandNames, keywords),
    deletions: deletions(brandNames),
  };
}

function owners(brands: LexiconData['brands']): Map<string, number[]> {
  const owned = new Map<string, number[]>();
  for (const [index, brand] of brands.entries()) {
    for (const domain of brand.domains) owned.set(domain, [...(owned.get(domain) ?? []), index]);
  }
  return owned;
}

function wordTrie(brands: readonly string[], keywords: readonly string[]): WordTrie {
  const nodes = 1 + [...brands, ...keywords].reduce((sum, word) => sum + word.length, 0);
  const next = new Int16Array(nodes * TRIE_SYMBOLS);
  const ends = new Int16Array(nodes);
  let used = 1;
  const insert = (word: string, end: number): void => {
    let node = 0;
    for (let i = 0; i < word.length; i++) {
      const slot = node * TRIE_SYMBOLS + trieSymbol(word.charCodeAt(i));
      if (next[slot] === 0) next[slot] = used++;
      node = next[slot] ?? 0;
    }
    ends[node] = end;
  };
  for (const [i, word] of keywords.entries()) insert(word, -i - 1);
  for (const [i, word] of brands.entries()) insert(word, i + 1);
  return { next, ends };
}

function deletions(brands: readonly string[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const [index, name] of brands.entries()) {
    if (name.length < TYPO_MIN_CHARS) continue;
    for (let skip = -1; skip < name.length; skip++) found.set(hashWithout(name, 0, name.length, skip), index);
  }
  return found;
}

/** Hash of `text[start, end)` without the character at `start + skip`; -1 skips none. */
export function hashWithout(text: string, start: number, end: number, skip: number): number {
  let hash = HASH_START;
  for (let i = start; i < end; i++) if (i - start !== skip) hash = hashStep(hash, text.charCodeAt(i));
  return hash;
}
