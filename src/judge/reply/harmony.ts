import { splitThoughts, type Thoughts } from './thoughts.ts';

/** A call whose arguments are still text. */
export interface WrittenCall {
  readonly name: string;
  readonly args: string;
}

/** A reply in harmony, the format of gpt-oss, taken apart. */
export interface HarmonyReply extends Thoughts {
  readonly calls: readonly WrittenCall[];
}

/** Most messages of one reply. */
const MESSAGES_MAX = 64;
const HEADER_MAX_CHARS = 300;
const RECIPIENT = /\bto=(?:functions\.)?([\w.-]{1,64})/;
const MARKER = /<\|(?:start|end|call|return)\|>/;
/** What may stand before a channel in a header. */
const ROLE = /^\s{0,20}(?:assistant)?(?:\s{0,5}to=\S{1,80})?\s{0,20}$/;
/** A reply whose special tokens the server dropped: `analysisThe user…assistantcommentary to=functions.WHOIS json{…}`. */
const BARE = /^\s{0,20}analysis(?=[^\s:])|assistant(?:analysis|commentary|final)/;
const BARE_START = /^\s{0,20}(?:analysis(?=[^\s:]))?/;
const BARE_HEADER =
  /assistant(analysis|final|commentary(?: to=(?:functions\.)?[\w.-]{1,64})?)[ \t]{0,4}(?:json|code)?/g;

/**
 * Takes a harmony reply apart (github.com/openai/harmony): its analysis is thought, its final part and preambles are said, and what is
 * sent to a function is a call. Null for a reply that is not in harmony.
 */
export function splitHarmony(text: string): HarmonyReply | null {
  const whole = /<\|(?:channel|message)\|>/.test(text) ? text : bareToMarked(text);
  if (whole === null) return null;
  const visible: string[] = [];
  const thought: string[] = [];
  const calls: WrittenCall[] = [];
  for (const message of messagesOf(whole)) {
    const { header, body } = message;
    const name = RECIPIENT.exec(header)?.[1];
    if (name !== undefined) calls.push({ name, args: body });
    else if (header.includes('analysis')) thought.push(body);
    else visible.push(body);
  }
  const inner = splitThoughts(visible.join('\n').trim());
  return {
    visible: inner.visible.trim(),
    thought: [...thought, inner.thought].join('\n').trim(),
    isOpen: inner.isOpen,
    calls,
  };
}

/** Header and body of each message; text without a header is a body. */
function messagesOf(text: string): readonly { readonly header: string; readonly body: string }[] {
  const parts = text
    .split(MARKER, MESSAGES_MAX * 2)
    .flatMap((part) => splitBefore(part, '<|channel|>'))
    .slice(0, MESSAGES_MAX * 2);
  return parts.map((part) => {
    const at = part.indexOf('<|message|>');
    if (at >= 0) return { header: part.slice(0, at).slice(0, HEADER_MAX_CHARS), body: part.slice(at + 11) };
    // A header that was cut off before its message.
    return part.includes('<|channel|>')
      ? { header: part.slice(0, HEADER_MAX_CHARS), body: '' }
      : { header: '', body: part };
  });
}

/** Cuts before each mark; a role before the first belongs to its header. */
function splitBefore(part: string, mark: string): readonly string[] {
  const [first = '', ...rest] = part.split(mark);
  const marked = rest.map((piece) => mark + piece);
  const pieces =
    ROLE.test(first) && marked[0] !== undefined
      ? [first + marked[0], ...marked.slice(1)]
      : [first, ...marked];
  return pieces.filter((piece) => piece.trim() !== '');
}

/** Puts the special tokens back that a server dropped; null when none were there. What comes before the first is thought. */
function bareToMarked(text: string): string | null {
  if (!BARE.test(text)) return null;
  const marked = text.replace(
    BARE_HEADER,
    (_whole, header: string) => `<|end|><|channel|>${header}<|message|>`,
  );
  return marked.replace(BARE_START, '<|channel|>analysis<|message|>');
}
