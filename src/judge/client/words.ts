import { boundedJson } from '../../net/bounded-json.ts';

/** Most of what a server says of an error that is kept. */
const WORDS_MAX_CHARS = 1_000;
/** Most of it that is looked at. */
const TEXT_MAX_CHARS = 65_536;
const DEPTH_MAX = 4;
const KEYS = ['error', 'message', 'detail', 'msg', '0'];

/** What a server says of an error, from the text of its answer: JSON in any of the forms in use, HTML, or plain text. Empty when nothing. */
export function textWords(text: string): string {
  const part = text.slice(0, TEXT_MAX_CHARS);
  const json = boundedJson(part);
  const words = json === undefined ? part.replace(/<[^<>]{0,500}>/g, ' ') : jsonWords(json);
  return words.replace(/\s+/g, ' ').trim().slice(0, WORDS_MAX_CHARS);
}

/** The same from an error that is parsed already: `{"error":{"message":"…"}}`, `{"error":"…"}`, `{"detail":[{"msg":"…"}]}`. */
export function jsonWords(value: unknown, depth = 0): string {
  if (typeof value === 'string') return value.slice(0, WORDS_MAX_CHARS);
  if (typeof value !== 'object' || value === null || depth === DEPTH_MAX) return '';
  for (const key of KEYS) {
    const words = jsonWords((value as Record<string, unknown>)[key], depth + 1);
    if (words.trim() !== '') return words;
  }
  return '';
}
