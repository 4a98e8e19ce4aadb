import { type ReplyParts, splitThoughts } from './thoughts.ts';

/** Most parts of one reply that are looked at. */
const PARTS_MAX = 256;
const HEADER_MAX_CHARS = 300;
const RECIPIENT = /\bto=(?:functions\.)?([\w.-]{1,64})/;
/** Where a message begins or ends. */
const BORDER = /<\|(?:start|end|call|return)\|>|(?=<\|channel\|>)/;
/** A header, or what stands before the channel in one; other text is said. */
const HEADER = /<\|channel\|>|^\s*(?:assistant)?\s*(?:analysis|commentary|final)?(?:\s*to=\S{1,80})?\s*$/;
/** A reply whose special tokens the server dropped: `analysisThe user…assistantcommentary to=functions.WHOIS json{…}`. */
const BARE = /^\s{0,20}analysis(?=[^\s:])|assistant(?:analysis|commentary|final)/;
const BARE_START = /^\s{0,20}(?:analysis(?=[^\s:]))?/;
const BARE_HEADER =
  /assistant(analysis|final|commentary(?: to=(?:functions\.)?[\w.-]{1,64})?)[ \t]{0,4}(?:json|code)?/g;

/**
 * Takes a harmony reply apart (github.com/openai/harmony): its analysis is thought, its final part and preambles are said, and what is
 * sent to a function is a call. Null for a reply that is not in harmony.
 */
export function splitHarmony(text: string): ReplyParts | null {
  const whole = /<\|(?:channel|message)\|>/.test(text) ? text : withTokens(text);
  if (whole === null) return null;
  const said: string[] = [];
  const thought: string[] = [];
  const calls: [string, string][] = [];
  let header = '';
  for (const part of whole.split(BORDER, PARTS_MAX)) {
    const [before = '', ...rest] = part.split('<|message|>');
    if (HEADER.test(before)) header += before.slice(0, HEADER_MAX_CHARS);
    else said.push(before);
    if (rest.length === 0) continue;
    const body = rest.join('');
    const name = RECIPIENT.exec(header)?.[1];
    if (name === undefined) (header.includes('analysis') ? thought : said).push(body);
    // Without arguments it is cut off.
    else if (body.trim() !== '') calls.push([name, body]);
    header = '';
  }
  const parts = splitThoughts(said.join('\n').trim());
  return { ...parts, thought: [...thought, parts.thought].join('\n').trim(), calls };
}

/** Puts the special tokens back that a server dropped; null when none were there. What comes before the first is thought. */
function withTokens(text: string): string | null {
  if (!BARE.test(text)) return null;
  const marked = text.replace(BARE_HEADER, '<|end|><|channel|>$1<|message|>');
  return marked.replace(BARE_START, '<|channel|>analysis<|message|>');
}
