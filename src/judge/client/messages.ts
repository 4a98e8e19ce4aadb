import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import type { RequestedCall } from '../../model/inquiry.ts';
import type { Message } from '../core/model.ts';
import type { Features } from './features.ts';

/** Stands for what is empty: servers refuse messages without text. */
const NOTHING = '(nothing)';

type Param = ChatCompletionMessageParam;
type Answer = Extract<Message, { role: 'tool' }>;

/**
 * A conversation as a server takes it. Calls that a server made natively go back as such, if all of them have their answers right behind
 * them, for servers refuse anything else; all others are what the assistant said, and their answers what the user says. Neighbours of
 * one role are one message: some chat templates insist on that.
 */
export function chatMessages(
  messages: readonly Message[],
  { tools, system }: Pick<Features, 'tools' | 'system'>,
): Param[] {
  const params: Param[] = [];
  for (let at = 0; at < messages.length; at++) {
    const message = messages[at];
    if (message === undefined) continue;
    const answers = answersAfter(messages, at);
    if (message.role === 'assistant' && tools && areAnswered(message.calls, answers)) {
      params.push({
        role: 'assistant',
        content: message.text || null,
        tool_calls: message.calls.map(({ callId, tool, args }) => ({
          id: callId ?? '',
          type: 'function',
          function: { name: tool, arguments: JSON.stringify(args) },
        })),
      });
      for (const { callId, text } of answers) {
        params.push({ role: 'tool', tool_call_id: callId ?? '', content: text });
      }
      at += answers.length;
    } else append(params, textParam(message, system));
  }
  return params;
}

function answersAfter(messages: readonly Message[], at: number): readonly Answer[] {
  const end = messages.findIndex(({ role }, i) => i > at && role !== 'tool');
  const behind = messages.slice(at + 1, end < 0 ? messages.length : end);
  return behind.filter((message) => message.role === 'tool');
}

/** Whether each call has an id of its own, and one answer. */
function areAnswered(calls: readonly RequestedCall[], answers: readonly Answer[]): boolean {
  const asked = new Set(calls.map(({ callId }) => callId));
  const told = new Set(answers.map(({ callId }) => callId));
  if (calls.length === 0 || asked.has(null) || asked.has('')) return false;
  return asked.size === calls.length && answers.length === calls.length && asked.isSubsetOf(told);
}

function textParam(message: Message, hasSystem: boolean): Param & { content: string } {
  const text = message.text || NOTHING;
  switch (message.role) {
    case 'system':
      return { role: hasSystem ? 'system' : 'user', content: text };
    case 'user':
      return { role: 'user', content: text };
    case 'tool':
      return { role: 'user', content: `${message.tool} returned:\n${message.text}` };
    case 'assistant': {
      // Calls of the text protocol stand in the text that they were read from.
      const calls = message.calls.filter(({ callId }) => callId !== null || message.text === '');
      const written = calls.map(({ tool, args }) => JSON.stringify({ tool, args }));
      return { role: 'assistant', content: [message.text, ...written].filter(Boolean).join('\n') || NOTHING };
    }
    default:
      return message satisfies never;
  }
}

function append(params: Param[], param: Param & { content: string }): void {
  const last = params.at(-1);
  const isSame = last?.role === param.role && !('tool_calls' in last);
  if (isSame) params[params.length - 1] = { ...param, content: `${last.content}\n\n${param.content}` };
  else params.push(param);
}
