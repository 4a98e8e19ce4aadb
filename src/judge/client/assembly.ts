import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Tokens } from '../../model/inquiry.ts';
import type { NativeCall, ReplyMessage } from '../reply/reply.ts';
import { cutOff, fault, type ModelFault, replyFault } from './failure.ts';

/** Most characters of a reply, thoughts and calls included; and most calls. */
const REPLY_MAX_CHARS = 200_000;
const CALLS_MAX = 32;
/** No reply takes more; a server that says so is not believed. */
const TOKENS_MAX = 10_000_000;
const CHARS_A_TOKEN = 4;
/** Reasons to stop that leave a reply whole, and those that tell of a limit, in the words of the servers there are. */
const WHOLE = /^(?:stop|tool_calls|function_call|eos|eos_token|stop_sequence|end_turn|tool_use|complete)$/i;
const AT_LIMIT = /^(?:length|max_tokens|model_length|max_output_tokens)$/i;

const textSchema = z.string().nullish();
/** Mistral's models that think answer in parts, of which those with a text are said. */
const contentSchema = z.union([
  textSchema,
  z.array(z.object({ text: textSchema })).transform((parts) => parts.map(({ text }) => text ?? '').join('')),
]);
const argumentsSchema = z.union([textSchema, z.looseObject({}).transform((args) => JSON.stringify(args))]);
const callSchema = z.object({
  index: z.number().nullish(),
  id: textSchema,
  function: z.object({ name: textSchema, arguments: argumentsSchema }).nullish(),
});
const messageSchema = z.object({
  content: contentSchema,
  /** Thoughts, as DeepSeek and llama.cpp name them; then as OpenRouter, Groq and Ollama do; vLLM sends both. */
  reasoning_content: textSchema,
  reasoning: textSchema,
  tool_calls: z.array(callSchema).nullish(),
});
const choiceSchema = z.object({
  delta: messageSchema.nullish(),
  message: messageSchema.nullish(),
  finish_reason: textSchema,
});
const countSchema = z.int().min(0).max(TOKENS_MAX);
const usageSchema = z.object({ prompt_tokens: countSchema.positive(), completion_tokens: countSchema });
/** One event of a stream, or a reply in one piece. */
const replySchema = z.object({
  error: z.unknown().optional(),
  choices: z.array(choiceSchema).nullish(),
  usage: usageSchema.nullish().catch(null),
});

type Message = z.infer<typeof messageSchema>;
/** A call that its pieces make. */
type Call = { -readonly [K in keyof NativeCall]: NativeCall[K] } & { readonly index: number | null };

/** Puts a reply together from its pieces, or from one piece. Never throws. */
export class Assembly {
  #content = '';
  #reasoning = '';
  readonly #calls: Call[] = [];
  #chars = 0;
  /** Why the model stopped, in the server's words; empty while it goes on. */
  #finish = '';
  #usage: Tokens | null = null;
  /** The model has begun to reply. */
  hasReply = false;
  /** Pieces in which it came. */
  parts = 0;

  constructor(private readonly promptChars: number) {}

  /** What is wrong with it, null when it goes on. */
  add(value: unknown): ModelFault | null {
    const read = replySchema.safeParse(value);
    if (!read.success)
      return fault('broken', 'the answer is no reply of a model: its fields are of other kinds');
    const { error, choices, usage } = read.data;
    if (error) return replyFault(error);
    if (usage) this.#usage = { prompt: usage.prompt_tokens, completion: usage.completion_tokens };
    const [choice] = choices ?? [];
    if (choice === undefined) return null;
    this.hasReply = true;
    this.#finish = choice.finish_reason || this.#finish;
    const before = this.#chars;
    this.#add(choice.delta ?? choice.message ?? {});
    if (this.#chars > before) this.parts++;
    if (this.#chars <= REPLY_MAX_CHARS && this.#calls.length <= CALLS_MAX) return null;
    return fault('too_long', `the model wrote more than ${REPLY_MAX_CHARS} characters or ${CALLS_MAX} calls`);
  }

  /** The model has stopped; tokens may still be counted. */
  get isFinished(): boolean {
    return this.#finish !== '';
  }

  /** What is missing of the reply; null when it is whole. Half a verdict could mean its opposite. */
  get unfinished(): ModelFault | null {
    if (!this.hasReply) return fault('broken', 'the answer holds no reply of a model');
    if (!this.isFinished) return cutOff('the reply ended in the middle');
    if (AT_LIMIT.test(this.#finish)) return fault('too_long', 'the reply was cut at its limit of tokens');
    return WHOLE.test(this.#finish) ? null : fault('broken', `the reply was cut off: ${this.#finish}`);
  }

  get message(): ReplyMessage {
    return { content: this.#content, reasoning: this.#reasoning, toolCalls: this.#calls };
  }

  /** As the server counted, else about a token for four characters. */
  get tokens(): Tokens {
    const about = (chars: number): number => Math.ceil(chars / CHARS_A_TOKEN);
    return this.#usage ?? { prompt: about(this.promptChars), completion: about(this.#chars) };
  }

  #add({ content, reasoning_content: thoughts, reasoning, tool_calls: calls }: Message): void {
    this.#content += this.#counted(content);
    this.#reasoning += this.#counted(thoughts || reasoning);
    for (const { index = null, id, function: called } of calls ?? []) {
      const name = this.#counted(called?.name);
      const call = this.#callOf(index, id ?? '', name);
      call.name ||= name;
      call.arguments += this.#counted(called?.arguments);
    }
  }

  /**
   * The call that a piece belongs to: by its index, else the latest. A name begins another call, save with the id of the one before:
   * Ollama and Gemini have sent whole calls that all have the same index.
   */
  #callOf(index: number | null, id: string, name: string): Call {
    const known = index === null ? this.#calls.at(-1) : this.#calls.findLast((call) => call.index === index);
    const isNext = name !== '' && known?.name !== '' && (id === '' || id !== known?.id);
    if (known !== undefined && !isNext) return known;
    // Nine letters and digits: the only ids that the templates of Mistral's models take.
    const call = { index, id: id || randomBytes(5).toString('hex').slice(1), name: '', arguments: '' };
    this.#calls.push(call);
    return call;
  }

  #counted(text: string | null | undefined): string {
    this.#chars += text?.length ?? 0;
    return text ?? '';
  }
}
