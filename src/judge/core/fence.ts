import { stripInvisible } from '../../model/invisible.ts';

/** Longest text of one tool result that is kept and shown to a model. */
export const RESULT_MAX_CHARS = 4_000;
const LINES_MAX = 150;
/** Room for the note that says where a text is cut. */
const NOTE_MAX_CHARS = 40;
/** Template tokens in square brackets, such as `[INST]` and `[TOOL_CALLS]`. */
const BRACKET_TOKEN = /\[\s*(\/?[A-Za-z_]{3,24})\s*\]/g;

/** Text of several lines from outside, fit for a transcript: nothing invisible, spaces and blank lines merged, capped with a note. */
export function cleanBlock(text: string, maxChars: number = RESULT_MAX_CHARS): string {
  const lines = stripInvisible(text)
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '');
  const { length } = lines.join('\n');
  const kept = lines.slice(0, LINES_MAX).join('\n');
  if (kept.length === length && length <= maxChars) return kept;
  const cut = kept.slice(0, maxChars - NOTE_MAX_CHARS).toWellFormed();
  return `${cut}\n[cut here: ${length - cut.length} more characters]`;
}

/**
 * Takes from text all that a chat template or our own fence could take for markup: angle brackets, tokens in square brackets
 * (`[INST]`), code fences, and the nonce.
 */
export function defang(text: string, nonce: string): string {
  const plain = nonce === '' ? text : text.replaceAll(new RegExp(RegExp.escape(nonce), 'gi'), '·');
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
