import { stripInvisible } from '../../model/invisible.ts';

/** Longest text of one tool result that is kept and shown to a model. */
export const RESULT_MAX_CHARS = 4_000;
const LINES_MAX = 150;
/** Template tokens in square brackets, such as `[INST]` and `[TOOL_CALLS]`. */
const BRACKET_TOKEN = /\[\s*(\/?[A-Za-z_]{3,24})\s*\]/g;

/** Text of several lines from outside, fit for a transcript: nothing invisible, spaces and blank lines merged, capped with a note. */
export function cleanBlock(text: string, maxChars: number = RESULT_MAX_CHARS): string {
  const lines = stripInvisible(text)
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '');
  const kept = lines.slice(0, LINES_MAX).join('\n');
  const all = lines.length > LINES_MAX ? lines.join('\n').length : kept.length;
  if (kept.length <= maxChars && all === kept.length) return kept;
  const note = (dropped: number): string => `\n[cut here: ${dropped} more characters]`;
  const room = Math.max(0, Math.min(kept.length, maxChars - note(all).length));
  const cut = kept.slice(0, isHighSurrogate(kept, room - 1) ? room - 1 : room);
  return `${cut}${note(all - cut.length)}`;
}

/**
 * Takes from text all that a chat template or our own fence could take for markup: angle brackets, tokens in square brackets
 * (`[INST]`), code fences, and the nonce.
 */
export function defang(text: string, nonce: string): string {
  const plain = nonce === '' ? text : text.replaceAll(new RegExp(escapeRegExp(nonce), 'gi'), '·');
  return plain
    .replace(/</g, '‹')
    .replace(/>/g, '›')
    .replace(BRACKET_TOKEN, '($1)')
    .replace(/`{3,}|~{3,}/g, "'''");
}

/**
 * Hostile text between fences that it cannot close: their nonce is not in it, and every line begins with `| `, so that no role
 * marker stands at the start of one. `label` is ours.
 */
export function fence(label: string, text: string, nonce: string): string {
  const lines = defang(cleanBlock(text), nonce).split('\n');
  return [`<<<DATA ${label} ${nonce}`, ...lines.map((line) => `| ${line}`), `DATA ${nonce}>>>`].join('\n');
}

function isHighSurrogate(text: string, at: number): boolean {
  const c = text.charCodeAt(at);
  return c >= 0xd800 && c <= 0xdbff;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
