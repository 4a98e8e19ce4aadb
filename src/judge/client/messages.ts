import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import type { RequestedCall } from '../../model/inquiry.ts';
import type { Message } from '../core/model.ts';

/** Stands for what is empty: servers refuse messages without text. */
const NOTHING = '(nothing)';

type Param = ChatCompletionMessageParam;
type Assistant = Extract<Message, { role: 'assistant' }>;
type Answer = Extract<Message, { role: 'tool' }>;

/** How a server takes a conversation. */
export interface MessageDialect {
  /** Calls and their answers are told apart from text. */
  readonly tools: boolean;
  /** There is a role for instructions. */
  readonly system: boolean;
}

/**
 * A conversation as a server takes it. Calls that a server made natively go back as such, if all of them have their answers right behind
 * them, for servers refuse anything else; all others are what the assistant said, and their answers what the user says. Neighbours of
 * one role are one message: some chat templates insist on that.
 */
export function chatMessages(messages: readonly Message[], dialect: MessageDialect): Param[] {
  const params: Param[] = [];
  for (let at = 0; at < messages.length; at++) {
    const message = messages[at];
    if (message === undefined) continue;
    const answers = message.role === 'assistant' ? answersAfter(messages, at) : [];
    if (message.role === 'assistant' && dialect.tools && areAnswered(message.calls, answers)) {
      params.push(...nativeRound(message, answers));
      at += answers.length;
    } else append(params, textParam(message, dialect.system));
  }
  return params;
}

function answersAfter(messages: readonly Message[], at: number): readonly Answer[] {
  const answers: Answer[] = [];
  for (const message of messages.slice(at + 1)) {
    if (message.role !== 'tool') break;
    answers.push(message);
  }
  return answers;
}

/** Whether each call has an id of its own, and one answer. */
function areAnswered(calls: readonly RequestedCall[], answers: readonly Answer[]): boolean {
  const asked = new Set(calls.map(({ callId }) => callId));
  const told = new Set(answers.map(({ callId }) => callId));
  if (calls.length === 0 || asked.has(null) || asked.has('')) return false;
  return asked.size === calls.length && answers.length === calls.length && asked.isSubsetOf(told);
}

function nativeRound({ text, calls }: Assistant, answers: readonly Answer[]): Param[] {
  const tool_calls = calls.map(({ callId, tool, args }) => ({
    id: callId ?? '',
    type: 'function' as const,
    function: { name: tool, arguments: JSON.stringify(args) },
  }));
  return [
    { role: 'assistant', content: text === '' ? null : text, tool_calls },
    ...answers.map(
      (answer): Param => ({ role: 'tool', tool_call_id: answer.callId ?? '', content: answer.text }),
    ),
  ];
}

function textParam(message: Message, hasSystem: boolean): Param {
  switch (message.role) {
    case 'system':
      return { role: hasSystem ? 'system' : 'user', content: message.text || NOTHING };
    case 'user':
      return { role: 'user', content: message.text || NOTHING };
    case 'tool':
      return { role: 'user', content: `${message.tool} returned:\n${message.text}` };
    case 'assistant':
      return { role: 'assistant', content: saidText(message) };
    default:
      return message satisfies never;
  }
}

/** Calls of the text protocol stand in the text that they were read from. */
function saidText({ text, calls }: Assistant): string {
  const written = calls
    .filter(({ callId }) => callId !== null || text === '')
    .map(({ tool, args }) => JSON.stringify({ tool, args }));
  return [text, ...written].filter((part) => part !== '').join('\n') || NOTHING;
}

function append(params: Param[], param: Param): void {
  const last = params.at(-1);
  const isSame = last?.role === param.role && !('tool_calls' in last);
  if (last === undefined || !isSame) params.push(param);
  else params[params.length - 1] = { ...param, content: `${last.content}\n\n${param.content}` } as Param;
}
