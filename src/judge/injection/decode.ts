/** Most decoded text of one text. */
const DECODED_MAX_CHARS = 8_000;
/** Shorter decoded text says nothing. */
const TEXT_MIN_CHARS = 10;
/** Decoded text is text when this part of it is letters and spaces. */
const TEXT_PART = 0.75;

const TAGS = /[\u{e0020}-\u{e007e}]{4,}/gu;
const BASE64 = /[A-Za-z0-9+/_-]{16,}/g;
const HEX = /(?:[0-9a-fA-F]{2}[\s:]?){10,}/g;
const PERCENT = /%([0-9a-f]{2})/gi;
const ENTITY = /&#(?:x([0-9a-f]{1,6})|(\d{1,7}));/gi;
const ESCAPE = /\\(?:u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\}|x([0-9a-f]{2}))/gi;

/** What a text hides in an encoding, one passage a line: base64, hex, invisible tags; percent, entities and escapes undone. */
export function decodedText(text: string): string {
  const found = [
    ...passages(text, TAGS, fromTags),
    ...passages(text, BASE64, fromBase64),
    ...passages(text, HEX, fromHex),
    unescaped(text),
  ];
  return found.join('\n').slice(0, DECODED_MAX_CHARS);
}

/** Each Latin letter thirteen places on. */
export function rot13(text: string): string {
  return text.replace(/[a-z]/g, (c) => String.fromCharCode(0x61 + ((c.charCodeAt(0) - 0x61 + 13) % 26)));
}

function* passages(text: string, pattern: RegExp, decode: (passage: string) => string): Generator<string> {
  let left = DECODED_MAX_CHARS;
  for (const [passage] of text.matchAll(pattern)) {
    const decoded = decode(passage.slice(0, DECODED_MAX_CHARS)).replace(/\ufffd$/, '');
    if (!isText(decoded) || decoded.length > left) continue;
    left -= decoded.length;
    yield decoded;
  }
}

/** Empty when nothing was escaped. */
function unescaped(text: string): string {
  const undone = text
    .slice(0, DECODED_MAX_CHARS)
    .replace(PERCENT, (_, hex) => char(Number.parseInt(hex, 16)))
    .replace(ENTITY, (_, hex, dec) => char(hex === undefined ? Number(dec) : Number.parseInt(hex, 16)))
    .replace(ESCAPE, (_, four, braced, two) => char(Number.parseInt(four ?? braced ?? two, 16)));
  return text.startsWith(undone) ? '' : undone;
}

/** Tags repeat ASCII invisibly. */
function fromTags(passage: string): string {
  return [...passage].map((c) => char((c.codePointAt(0) ?? 0) - 0xe0000)).join('');
}

function fromHex(passage: string): string {
  return fromBytes((passage.match(/[0-9a-fA-F]{2}/g) ?? []).map((pair) => Number.parseInt(pair, 16)));
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 in either alphabet; what is no digit ends it. */
function fromBase64(text: string): string {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const c of text) {
    const digit = DIGITS.indexOf(c === '-' ? '+' : c === '_' ? '/' : c);
    if (digit < 0) break;
    held = ((held << 6) | digit) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 0xff);
    }
  }
  return fromBytes(bytes);
}

function fromBytes(bytes: readonly number[]): string {
  return new TextDecoder().decode(new Uint8Array(bytes));
}

function char(code: number): string {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
}

function isText(decoded: string): boolean {
  if (decoded.length < TEXT_MIN_CHARS) return false;
  const letters = decoded.match(/[\p{L}\s]/gu)?.length ?? 0;
  return letters >= decoded.length * TEXT_PART && !decoded.includes('\ufffd');
}
