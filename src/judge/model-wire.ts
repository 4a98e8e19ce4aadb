import type OpenAI from 'openai';
import type { Message, RequestedCall, ToolSpec } from './judge-types.ts';
import type { ModelRequest } from './runner.ts';

/** What of the protocol a server has; what it turned out not to have is left out of the next request. */
export interface Features {
  /** Native tool calls. */
  readonly tools: boolean;
  /** Answers that keep to a JSON schema. */
  readonly schema: boolean;
  /** Tokens counted at the end of a stream. */
  readonly usage: boolean;
  readonly temperature: boolean;
  /** The limit of a reply's tokens by its old name; by its new one where the server wants that. */
  readonly maxTokens: boolean;
}

/** What is tried first. */
export const ALL_FEATURES: Features = {
  tools: true,
  schema: true,
  usage: true,
  temperature: true,
  maxTokens: true,
};

type Body = OpenAI.Chat.Completions.ChatCompletionCreateParamsStreaming;
type WireMessage = OpenAI.Chat.Completions.ChatCompletionMessageParam;

const VERDICT_SCHEMA = {
  type: 'object',
  properties: {
    verdict: { type: 'string', enum: ['allow', 'block', 'unsure'] },
    reasons: { type: 'array', items: { type: 'string' } },
    evidence: { type: 'array', items: { type: 'string' } },
  },
  required: ['verdict', 'reasons', 'evidence'],
  additionalProperties: false,
};

/** A request as it goes over the wire. */
export function requestBody(model: string, request: ModelRequest, features: Features): Body {
  const wantsVerdict = request.tools.length === 0;
  const { maxTokens } = request;
  return {
    model,
    stream: true,
    messages: wireMessages(request.messages, features.tools),
    ...(features.usage ? { stream_options: { include_usage: true } } : {}),
    ...(features.temperature ? { temperature: 0 } : {}),
    ...(features.maxTokens ? { max_tokens: maxTokens } : { max_completion_tokens: maxTokens }),
    ...(features.tools && !wantsVerdict ? { tools: [...request.tools.map(wireTool), VERDICT_TOOL] } : {}),
    ...(features.schema && wantsVerdict
      ? {
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'verdict', strict: true, schema: VERDICT_SCHEMA },
          },
        }
      : {}),
  };
}

const VERDICT_TOOL: OpenAI.Chat.Completions.ChatCompletionTool = {
  type: 'function',
  function: {
    name: 'VERDICT',
    description: 'Gives your verdict, and ends the inquiry. Cite the ids of the results it rests on.',
    parameters: VERDICT_SCHEMA,
  },
};

function wireTool({ name, description, parameters }: ToolSpec): OpenAI.Chat.Completions.ChatCompletionTool {
  return { type: 'function', function: { name, description, parameters: { ...parameters } } };
}

/** Calls that a server made natively go back as such, with their answers; all others are text. */
function wireMessages(messages: readonly Message[], native: boolean): WireMessage[] {
  const open = new Set<string>();
  return messages.map((message): WireMessage => {
    if (message.role === 'assistant') return assistant(message.text, message.calls, native, open);
    if (message.role !== 'tool') return { role: message.role, content: message.text };
    if (message.callId !== null && open.has(message.callId))
      return { role: 'tool', tool_call_id: message.callId, content: message.text };
    return { role: 'user', content: `${message.tool} returned:\n${message.text}` };
  });
}

function assistant(
  text: string,
  calls: readonly RequestedCall[],
  native: boolean,
  open: Set<string>,
): WireMessage {
  const ids = calls.map(({ callId }) => callId);
  const isNative = native && calls.length > 0 && new Set(ids).size === calls.length && !ids.includes(null);
  if (!isNative) {
    const written = calls.map(({ tool, args }) => JSON.stringify({ tool, args })).join('\n');
    return { role: 'assistant', content: [text, written].filter((part) => part !== '').join('\n') || '…' };
  }
  const tool_calls = calls.map(({ callId, tool, args }) => {
    open.add(callId ?? '');
    return {
      id: callId ?? '',
      type: 'function' as const,
      function: { name: tool, arguments: JSON.stringify(args) },
    };
  });
  return { role: 'assistant', content: text === '' ? null : text, tool_calls };
}

/** The features without the one that a server's refusal is about; null when there is none left to blame. */
export function without(features: Features, detail: string, request: ModelRequest): Features | null {
  const wantsVerdict = request.tools.length === 0;
  const told: readonly [keyof Features, RegExp, boolean][] = [
    ['maxTokens', /max_tokens|max_completion_tokens/i, true],
    ['temperature', /temperature/i, true],
    ['usage', /stream_options|include_usage/i, true],
    ['schema', /response_format|json_schema|structured|grammar/i, wantsVerdict],
    ['tools', /tool|function/i, true],
  ];
  const blamed = told.find(([name, words, sent]) => features[name] && sent && words.test(detail));
  // A server that does not say what it cannot do most likely has no tools or schemas.
  const guess = (['schema', 'tools', 'usage', 'temperature'] as const).find(
    (name) => features[name] && (name !== 'schema' || wantsVerdict),
  );
  const name = blamed?.[0] ?? guess;
  return name === undefined ? null : { ...features, [name]: false };
}
