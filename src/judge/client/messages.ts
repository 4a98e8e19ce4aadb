import type { ChatCompletionMessageParam as Param } from 'openai/resources/chat/completions';
import type { Message } from '../core/model.ts';
import type { Features } from './features.ts';

/**
 * A conversation as a server takes it, in which every call has its answers right behind it. Calls that a server made natively go back as
 * such; those of the text protocol, and all of them to a server without tools, are what the assistant said, and their answers what the
 * user says. Neighbours of one role are one message: some chat templates insist on that.
 */
export function chatMessages(
  messages: readonly Message[],
  { tools, system }: Pick<Features, 'tools' | 'system'>,
): Param[] {
  const params: Param[] = [];
  for (const message of messages) {
    const native = tools ? nativeParam(message) : null;
    if (native === null) append(params, textParam(message, system));
    else params.push(native);
  }
  return params;
}

/** A native call, or the answer to one; null for anything else. */
function nativeParam(message: Message): Param | null {
  if (message.role === 'tool' && message.callId !== null) {
    return { role: 'tool', tool_call_id: message.callId, content: message.text };
  }
  if (message.role !== 'assistant' || !message.calls.some(({ callId }) => callId !== null)) return null;
  const calls = message.calls.map(({ callId, tool, args }) => ({
    id: callId ?? '',
    type: 'function' as const,
    function: { name: tool, arguments: JSON.stringify(args) },
  }));
  return { role: 'assistant', content: message.text || null, tool_calls: calls };
}

function textParam(message: Message, hasSystem: boolean): Param & { content: string } {
  const { role, text } = message;
  switch (role) {
    case 'system':
      return { role: hasSystem ? 'system' : 'user', content: text };
    case 'user':
      return { role, content: text };
    case 'tool':
      return { role: 'user', content: `${message.tool} returned:\n${text}` };
    case 'assistant': {
      // Calls of the text protocol stand in the text that they were read from.
      const calls = message.calls.filter(({ callId }) => callId !== null || text === '');
      const written = calls.map(({ tool, args }) => JSON.stringify({ tool, args }));
      return { role, content: [text, ...written].filter(Boolean).join('\n') };
    }
    default:
      return role satisfies never;
  }
}

function append(params: Param[], param: Param & { content: string }): void {
  const last = params.at(-1);
  const isSame = last?.role === param.role && !('tool_calls' in last);
  if (isSame) params[params.length - 1] = { ...param, content: `${last.content}\n\n${param.content}` };
  else params.push(param);
}
