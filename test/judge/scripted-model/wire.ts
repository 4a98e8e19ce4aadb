import type { Said } from './act.ts';
import type { ChatRequest } from './asked.ts';

const PIECE_CHARS = 12;
const CREATED_S = 1_700_000_000;
const CHARS_A_TOKEN = 4;

/** A whole reply as one JSON body (`chat.completion`). */
export function completion(said: Said, chat: ChatRequest, count: number): string {
  const calls = said.calls.map((call, i) => ({
    id: callId(count, i),
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.args) },
  }));
  const message = {
    role: 'assistant',
    content: said.text === '' ? null : said.text,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  return JSON.stringify({
    ...head('chat.completion', chat, count),
    choices: [{ index: 0, message, finish_reason: finish(said) }],
    usage: usage(said, chat),
  });
}

/** The same reply in server-sent events (`chat.completion.chunk`), each to be written by itself. */
export function events(said: Said, chat: ChatRequest, count: number): readonly string[] {
  const common = head('chat.completion.chunk', chat, count);
  const chunk = (delta: object, finishReason: string | null = null): string =>
    event({ ...common, choices: [{ index: 0, delta, finish_reason: finishReason }] });
  const called = said.calls.flatMap(({ name, args }, index) => [
    chunk({
      tool_calls: [{ index, id: callId(count, index), type: 'function', function: { name, arguments: '' } }],
    }),
    ...pieces(JSON.stringify(args)).map((piece) =>
      chunk({ tool_calls: [{ index, function: { arguments: piece } }] }),
    ),
  ]);
  const isCounted = chat.stream_options?.include_usage === true;
  return [
    chunk({ role: 'assistant', content: '' }),
    ...pieces(said.text).map((piece) => chunk({ content: piece })),
    ...called,
    chunk({}, finish(said)),
    ...(isCounted ? [event({ ...common, choices: [], usage: usage(said, chat) })] : []),
    'data: [DONE]\n\n',
  ];
}

function head(object: string, { model }: ChatRequest, count: number): object {
  return { id: `chatcmpl-${count}`, object, created: CREATED_S, model };
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

function callId(count: number, index: number): string {
  return `call_${count}_${index}`;
}

function finish(said: Said): string {
  return said.calls.length > 0 ? 'tool_calls' : 'stop';
}

function usage(said: Said, chat: ChatRequest): object {
  const prompt = tokens(chat.messages.map(({ content }) => content ?? '').join('\n'));
  const written = tokens(said.text + said.calls.map(({ args }) => JSON.stringify(args)).join(''));
  return { prompt_tokens: prompt, completion_tokens: written, total_tokens: prompt + written };
}

function tokens(words: string): number {
  return Math.ceil(words.length / CHARS_A_TOKEN);
}

function pieces(words: string): readonly string[] {
  const letters = [...words];
  return Array.from({ length: Math.ceil(letters.length / PIECE_CHARS) }, (_, i) =>
    letters.slice(i * PIECE_CHARS, (i + 1) * PIECE_CHARS).join(''),
  );
}
