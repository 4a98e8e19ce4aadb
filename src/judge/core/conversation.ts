import type { RequestedCall, ToolResult } from '../../model/inquiry.ts';
import { cleanBlock, defang, fence } from './fence.ts';
import type { Message } from './model.ts';

/**
 * Longest conversation that is sent, in characters; roughly 9,000 tokens. Room for prompt, question and the largest round, so
 * that cutting what is older always suffices.
 */
export const CONVERSATION_MAX_CHARS = 36_000;
/** Most of its own words that a model is shown again. */
const SAID_MAX_CHARS = 800;
/** What is left of an old result when room is needed. */
const STUB_MAX_CHARS = 240;

/** What a model said, as it stands in the conversation; never empty, since servers refuse that. */
export function assistantMessage(said: string, calls: readonly RequestedCall[], nonce: string): Message {
  const text = defang(cleanBlock(said, SAID_MAX_CHARS), nonce);
  return { role: 'assistant', text: text === '' && calls.length === 0 ? '(nothing)' : text, calls };
}

/** The answer to one call: fenced, whoever wrote it. `remark` is ours and stands before it. */
export function toolMessage(call: RequestedCall, result: ToolResult, nonce: string, remark = ''): Message {
  const label = result.id === null ? 'failed' : `${result.id} ${result.tool}`;
  const text = `${remark}${fence(label, result.text, nonce)}`;
  return { role: 'tool', callId: call.callId, tool: call.tool, text };
}

/** Says something of ours at the end: to the results it follows, since many chat templates want roles to alternate; else by itself. */
export function withNote(messages: readonly Message[], note: string): readonly Message[] {
  const last = messages.at(-1);
  if (note === '') return messages;
  if (last === undefined || last.role === 'assistant') return [...messages, { role: 'user', text: note }];
  return [...messages.slice(0, -1), { ...last, text: `${last.text}\n\n${note}` }];
}

/**
 * Keeps a conversation within its limit: old results are cut to a stub, oldest first, then whole old rounds go. The first two
 * messages (prompt and question) and what came of the newest reply stay as they are.
 */
export function boundConversation(messages: readonly Message[], nonce: string): readonly Message[] {
  let tooMany = messages.reduce((sum, message) => sum + messageChars(message), -CONVERSATION_MAX_CHARS);
  if (tooMany <= 0) return messages;
  const newest = messages.findLastIndex(({ role }) => role === 'assistant');
  const shorter = messages.map((message, i) => {
    if (tooMany <= 0 || i >= newest || message.role !== 'tool') return message;
    const text = stubOf(message.text, nonce);
    tooMany -= message.text.length - text.length;
    return { ...message, text };
  });
  let from = 2;
  for (const message of shorter.slice(from, newest)) {
    if (tooMany <= 0 && message.role === 'assistant') break;
    tooMany -= messageChars(message);
    from++;
  }
  return [...shorter.slice(0, 2), ...shorter.slice(from)];
}

/** Characters of a message as a server will read it, calls included. */
export function messageChars(message: Message): number {
  const calls = message.role === 'assistant' ? JSON.stringify(message.calls) : '';
  return message.text.length + calls.length;
}

/** The fence's first line with its label, the first words, and its end. */
function stubOf(text: string, nonce: string): string {
  if (text.length <= STUB_MAX_CHARS + 2 * nonce.length) return text;
  const cut = text.slice(text.indexOf('<<<DATA')).slice(0, STUB_MAX_CHARS);
  return `${cut.toWellFormed()}\n| [an old result, cut; the same call shows it again]\nDATA ${nonce}>>>`;
}
