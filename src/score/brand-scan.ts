import { editDistance } from './edit-distance.ts';
import { hashWithout, type Lexicon, TRIE_SYMBOLS, TYPO_MIN_CHARS, trieSymbol } from './lexicon.ts';
import type { NameParts } from './name-parts.ts';

/** How a brand or lure word was met in a name. */
type HitKind =
  | 'label' // the whole label
  | 'token' // between hyphens, digits or dots
  | 'embedded' // inside a longer run of letters
  | 'lookalike' // only when homoglyphs are read as a person reads them
  | 'typo'; // one edit away

/** A brand or lure word met in a name. */
export interface Hit {
  /** `brand` indexes `brandNames`, `keyword` indexes `keywords`. */
  readonly what: 'brand' | 'keyword';
  readonly index: number;
  readonly kind: HitKind;
  /** Left of the registrable domain. */
  readonly inSubdomain: boolean;
  /** The name belongs to the brand's owner. Always false for a keyword. */
  readonly own: boolean;
}

/** Most hits kept of one name. */
const MAX_HITS = 12;
const EMBEDDED_MIN_CHARS = 5;
const TYPO_MAX_CHARS = 16;
const MAX_TOKENS = 16;

/** Finds brands and lure words left of the suffix; `skeleton` is what the name looks like, null when the same. */
export function scanWords(parts: NameParts, skeleton: string | null, lexicon: Lexicon): Hit[] {
  const hits: Hit[] = [];
  const end = Math.max(parts.labelEnd, 0);
  scanText(parts.host, end, parts, lexicon, false, hits);
  if (skeleton !== null) scanText(skeleton, skeleton.length, parts, lexicon, true, hits);
  scanTypos(parts, end, lexicon, hits);
  return hits;
}

/**
 * Whether the registrable domain is the brand owner's: listed, or the bare brand under a suffix that is not abused. A customer's
 * label in the owner's own cloud is not the owner's.
 */
export function ownsBrand(parts: NameParts, brand: number, lexicon: Lexicon): boolean {
  if (parts.registrableDomain === null) return false;
  if (lexicon.owned.get(parts.registrableDomain)?.includes(brand) === true) return true;
  if (parts.hostedBy === 'platform') return false;
  const label = parts.host.slice(parts.labelStart, parts.labelEnd);
  return label === lexicon.brandNames[brand] && lexicon.tldTier(parts.suffix) !== 'abused';
}

function scanText(
  text: string,
  end: number,
  parts: NameParts,
  lexicon: Lexicon,
  skeleton: boolean,
  hits: Hit[],
): void {
  const { next, ends } = lexicon.words;
  for (let from = 0; from < end && hits.length < MAX_HITS; from++) {
    let node = 0;
    let longest = 0;
    let word = 0;
    for (let at = from; at < end; at++) {
      const symbol = trieSymbol(text.charCodeAt(at));
      node = symbol < 0 ? 0 : (next[node * TRIE_SYMBOLS + symbol] ?? 0);
      if (node === 0) break;
      const ended = ends[node] ?? 0;
      if (ended !== 0 && fits(text, from, at + 1, end)) {
        word = ended;
        longest = at + 1 - from;
      }
    }
    if (word === 0) continue;
    addHit(text, from, from + longest, end, word, parts, lexicon, skeleton, hits);
    from += longest - 1;
  }
}

/** Short words count as whole tokens only. */
function fits(text: string, from: number, to: number, end: number): boolean {
  return to - from >= EMBEDDED_MIN_CHARS || (isEdge(text, from - 1, end) && isEdge(text, to, end));
}

function isEdge(text: string, at: number, end: number): boolean {
  if (at < 0 || at >= end) return true;
  const c = text.charCodeAt(at);
  return c < 0x61 || c > 0x7a;
}

function isDot(text: string, at: number, end: number): boolean {
  return at < 0 || at >= end || text.charCodeAt(at) === 0x2e;
}

function addHit(
  text: string,
  from: number,
  to: number,
  end: number,
  word: number,
  parts: NameParts,
  lexicon: Lexicon,
  skeleton: boolean,
  hits: Hit[],
): void {
  const what = word > 0 ? 'brand' : 'keyword';
  const index = word > 0 ? word - 1 : -word - 1;
  if (skeleton && (what === 'keyword' || hits.some((hit) => hit.what === what && hit.index === index)))
    return;
  const kind = skeleton
    ? 'lookalike'
    : isDot(text, from - 1, end) && isDot(text, to, end)
      ? 'label'
      : isEdge(text, from - 1, end) && isEdge(text, to, end)
        ? 'token'
        : 'embedded';
  const inSubdomain = skeleton ? text.lastIndexOf('.') >= to : from < parts.labelStart;
  hits.push({ what, index, kind, inSubdomain, own: what === 'brand' && ownsBrand(parts, index, lexicon) });
}

function scanTypos(parts: NameParts, end: number, lexicon: Lexicon, hits: Hit[]): void {
  const { host } = parts;
  let from = 0;
  let tokens = 0;
  for (let at = 0; at <= end && hits.length < MAX_HITS && tokens < MAX_TOKENS; at++) {
    if (!isEdge(host, at, end)) continue;
    const length = at - from;
    if (length >= TYPO_MIN_CHARS - 1 && length <= TYPO_MAX_CHARS) {
      tokens++;
      const brand = typoOf(host, from, at, lexicon);
      if (brand >= 0 && !hits.some((hit) => hit.index === brand && hit.what === 'brand')) {
        const own = ownsBrand(parts, brand, lexicon);
        hits.push({ what: 'brand', index: brand, kind: 'typo', inSubdomain: from < parts.labelStart, own });
      }
    }
    from = at + 1;
  }
}

/** The brand one edit away from a token, -1 for none. Symmetric deletion: two words one edit apart share a deletion. */
function typoOf(host: string, from: number, to: number, lexicon: Lexicon): number {
  for (let skip = -1; skip < to - from; skip++) {
    const brand = lexicon.deletions.get(hashWithout(host, from, to, skip));
    if (brand === undefined) continue;
    const name = lexicon.brandNames[brand] ?? '';
    if (editDistance(host, from, to, name) === 1) return brand;
  }
  return -1;
}
