import { decodeHTML } from 'entities/decode';

/** Most decoded text of one text. */
const DECODED_MAX_CHARS = 8_000;
/** Shorter decoded text says nothing. */
const TEXT_MIN_CHARS = 10;
/** Decoded text is text when this part of it is letters and spaces. */
const TEXT_PART = 0.75;

/** Encoded passages, and what undoes them. */
const PASSAGES: readonly (readonly [pattern: RegExp, decode: (passage: string) => string])[] = [
  // Tags repeat ASCII invisibly.
  [
    /[\u{e0020}-\u{e007e}]{4,}/gu,
    (tags) => tags.replace(/./gu, (tag) => char((tag.codePointAt(0) ?? 0) - 0xe0000)),
  ],
  [/[A-Za-z0-9+/_-]{16,}/g, fromBase64],
  [
    /(?:[0-9a-fA-F]{2}[\s:]?){10,}/g,
    (pairs) => utf8(Uint8Array.fromHex(pairs.replace(/[\s:]/g, '').slice(0, DECODED_MAX_CHARS))),
  ],
];
const ESCAPE = /(?:%|\\x)([0-9a-f]{2})|\\u([0-9a-f]{4})|\\u\{([0-9a-f]{1,6})\}/gi;

/** What a text hides in an encoding, one passage a line: base64, hex, invisible tags; percent, entities and escapes undone. */
export function decodedText(text: string): string {
  const found = PASSAGES.flatMap(([pattern, decode]) => [...passages(text, pattern, decode)]);
  return [...found, unescaped(text)].join('\n').slice(0, DECODED_MAX_CHARS);
}

function* passages(text: string, pattern: RegExp, decode: (passage: string) => string): Generator<string> {
  let left = DECODED_MAX_CHARS;
  for (const [passage] of text.matchAll(pattern)) {
    const decoded = decode(passage.slice(0, 3 * DECODED_MAX_CHARS)).replace(/\ufffd$/, '');
    if (!isText(decoded) || decoded.length > left) continue;
    left -= decoded.length;
    yield decoded;
  }
}

/** Empty when nothing was escaped. */
function unescaped(text: string): string {
  const undone = decodeHTML(text.slice(0, DECODED_MAX_CHARS)).replace(ESCAPE, (_, two, four, braced) =>
    char(Number.parseInt(two ?? four ?? braced, 16)),
  );
  return text.startsWith(undone) ? '' : undone;
}

/** Of either alphabet, without its padding. */
function fromBase64(passage: string): string {
  const digits = passage.slice(0, DECODED_MAX_CHARS).replaceAll('-', '+').replaceAll('_', '/');
  // One digit over is no byte.
  return utf8(Uint8Array.fromBase64(digits.length % 4 === 1 ? digits.slice(0, -1) : digits));
}

function utf8(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function char(code: number): string {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
}

function isText(decoded: string): boolean {
  if (decoded.length < TEXT_MIN_CHARS) return false;
  const letters = decoded.match(/[\p{L}\s]/gu)?.length ?? 0;
  return letters >= decoded.length * TEXT_PART && !decoded.includes('\ufffd');
}
