import { cleanText } from '../../model/clean.ts';
import { stripInvisible } from '../../model/invisible.ts';
import { decodedText } from './decode.ts';
import { ENGLISH, SQUEEZED, TEMPLATES } from './english.ts';
import { foldedOf, joinedOf, plainOf, spokenOf, squeezedOf } from './fold.ts';
import { LANGUAGES, WIDE } from './languages.ts';
import { suspiciousSentence } from './signals.ts';

/** Twice what a model is shown of a result: what it cannot read gives it no orders. */
const SCAN_MAX_CHARS = 8_000;
/** Raw text in which encoded passages are looked for. */
const RAW_MAX_CHARS = 32_000;
const WORDS_MAX_CHARS = 160;
/** Encodings within encodings that are undone. */
const DECODE_DEPTH = 2;

/**
 * The first words of a text that order the model that reads it to do something, cleaned, up to 160 characters; null when there
 * are none. Sees through lookalike letters, words cut apart, invisible characters and the usual encodings, in a dozen languages;
 * not through ciphers, anagrams and digits for letters. A sign, not a proof: a page that quotes an attack is taken for one, and a
 * new wording passes.
 */
export function findInstructions(text: string): string | null {
  return search(text.slice(0, RAW_MAX_CHARS * 8), DECODE_DEPTH);
}

function search(raw: string, depth: number): string | null {
  if (raw === '') return null;
  const found = searchPlain(plainOf(stripInvisible(raw).slice(0, SCAN_MAX_CHARS)));
  if (found !== null) return cleanText(found.replace(/\s+/g, ' ').trim(), WORDS_MAX_CHARS);
  const hidden = depth === 0 ? null : search(decodedText(raw.slice(0, RAW_MAX_CHARS)), depth - 1);
  return hidden === null ? null : cleanText(`encoded: ${hidden}`, WORDS_MAX_CHARS);
}

function searchPlain(plain: string): string | null {
  const folded = foldedOf(plain);
  for (const text of new Set([plain, spokenOf(plain), folded, spokenOf(folded)])) {
    const found = match(TEMPLATES, text) ?? match(ENGLISH, text) ?? match(LANGUAGES, text);
    if (found !== null) return found;
    const sentence = suspiciousSentence(text);
    if (sentence !== null) return sentence;
  }
  return match(WIDE, joinedOf(plain)) ?? match(SQUEEZED, squeezedOf(folded));
}

function match(pattern: RegExp, text: string): string | null {
  return pattern.exec(text)?.[0] ?? null;
}
