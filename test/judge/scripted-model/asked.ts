import { z } from 'zod';

const contentSchema = z.union([
  z.string(),
  z.null(),
  z
    .array(z.object({ text: z.string().default('') }))
    .transform((parts) => parts.map(({ text }) => text).join('\n')),
]);
const toolSchema = z.object({
  function: z.object({ name: z.string(), parameters: z.record(z.string(), z.unknown()).default({}) }),
});

/** As much of a chat completion request as the scripted model looks at. */
export const chatSchema = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: contentSchema.default(null) })).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z.array(toolSchema).nullish(),
  response_format: z
    .object({
      type: z.string(),
      json_schema: z.object({ schema: z.record(z.string(), z.unknown()) }).nullish(),
    })
    .nullish(),
});
export type ChatRequest = z.infer<typeof chatSchema>;

/** A tool result that a request shows, as it stands between its fences. */
export interface Shown {
  readonly id: string;
  readonly tool: string;
  readonly text: string;
}

/** What a request asks, read as a model would read it. */
export interface Asked {
  readonly chat: ChatRequest;
  /** Replies of the model before. */
  readonly round: number;
  /** The connection under inquiry; null when this is no inquiry. */
  readonly host: string | null;
  readonly domain: string | null;
  /** Tools that may be called, without VERDICT; none when only a verdict is wanted. */
  readonly offered: readonly string[];
  /** Tools can be called natively. */
  readonly isNative: boolean;
  /** The verdict can be called as a tool. */
  readonly takesVerdictCall: boolean;
  readonly evidence: readonly Shown[];
}

const RESULT = /<<<DATA (E\d+) (\S+) (\w+)\n([\s\S]*?)\nDATA \3>>>/g;
const QUESTION = /<<<DATA connection (\w+)\n([\s\S]*?)\nDATA \1>>>/;
const TOOL_LINE = /^- ([A-Z_]+) \{/gm;
const LAST = /No more tools\./;

/** Reads a request: the question from its fence, the results that can be cited, and what may be called. */
export function readAsked(chat: ChatRequest): Asked {
  const texts = chat.messages.filter(({ role }) => role !== 'assistant').map(({ content }) => content ?? '');
  const [prompt = ''] = texts;
  const question = QUESTION.exec(texts.join('\n'))?.[2] ?? '';
  const native = (chat.tools ?? []).map((tool) => tool.function.name);
  const written = LAST.test(texts.at(-1) ?? '')
    ? []
    : [...prompt.matchAll(TOOL_LINE)].map(([, name = '']) => name);
  return {
    chat,
    round: chat.messages.filter(({ role }) => role === 'assistant').length,
    host: field(question, 'name'),
    domain: field(question, 'registrable domain'),
    offered: (native.length > 0 ? native : written).filter((name) => name !== 'VERDICT'),
    isNative: native.length > 0,
    takesVerdictCall: native.includes('VERDICT'),
    evidence: texts.flatMap(shownIn),
  };
}

function shownIn(text: string): Shown[] {
  return [...text.matchAll(RESULT)].map(([, id = '', tool = '', , lines = '']) => ({
    id,
    tool,
    text: lines.replace(/^\| /gm, ''),
  }));
}

function field(question: string, name: string): string | null {
  return new RegExp(`^\\| ${name}: (.+)$`, 'm').exec(question)?.[1] ?? null;
}
