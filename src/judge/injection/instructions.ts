import { cleanText } from '../../model/clean.ts';
import { stripInvisible } from '../../model/invisible.ts';
import { decodedText, rot13 } from './decode.ts';
import { foldedOf, joinedOf, plainOf, spokenOf, squeezedOf } from './fold.ts';
import { ENGLISH, ROLES, TEMPLATES } from './patterns.ts';
import { LANGUAGES, WIDE } from './patterns-languages.ts';
import { SQUEEZED } from './patterns-squeezed.ts';
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
 * are none. Sees through lookalike letters, digits for letters, words cut apart, invisible characters and the usual encodings,
 * in a dozen languages. A sign, not a proof: a page that quotes an attack is taken for one, and a new wording passes.
 */
export function findInstructions(text: string): string | null {
  return search(text.slice(0, RAW_MAX_CHARS * 8), DECODE_DEPTH);
}

function search(raw: string, depth: number): string | null {
  if (raw === '') return null;
  const plain = plainOf(stripInvisible(raw).slice(0, SCAN_MAX_CHARS));
  const found = searchPlain(plain);
  if (found !== null || depth === 0) return found;
  const hidden = search(decodedText(raw.slice(0, RAW_MAX_CHARS)), depth - 1);
  return hidden === null ? null : cleanText(`encoded: ${hidden}`, WORDS_MAX_CHARS);
}

function searchPlain(plain: string): string | null {
  const spoken = spokenOf(plain);
  const folded = foldedOf(plain);
  const squeezed = squeezedOf(folded);
  return (
    match(TEMPLATES, plain) ??
    match(ROLES, plain) ??
    match(ENGLISH, plain) ??
    match(ENGLISH, spoken) ??
    (folded === plain ? null : match(ENGLISH, spokenOf(folded))) ??
    match(LANGUAGES, plain) ??
    match(WIDE, joinedOf(plain)) ??
    suspicious(plain) ??
    suspicious(spoken) ??
    match(SQUEEZED, squeezed) ??
    match(SQUEEZED, squeezedOf([...folded].reverse().join(''))) ??
    match(SQUEEZED, squeezedOf(rot13(plain)))
  );
}

function suspicious(text: string): string | null {
  const found = suspiciousSentence(text);
  return found === null ? null : cleanText(found, WORDS_MAX_CHARS);
}

function match(pattern: RegExp, text: string): string | null {
  const found = pattern.exec(text)?.[0].trim();
  return found === undefined ? null : cleanText(found.replace(/\s+/g, ' '), WORDS_MAX_CHARS);
}
