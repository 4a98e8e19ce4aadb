import type OpenAI from 'openai';
import type { Tokens } from './judge-types.ts';
import type { NativeCall, ReplyMessage } from './reply.ts';

type Chunk = OpenAI.Chat.Completions.ChatCompletionChunk;

/** Most characters of a reply, thoughts and calls included, that are kept. */
const KEPT_MAX_CHARS = 200_000;
const CALLS_MAX = 32;
const FIELD_MAX_CHARS = 200;

interface CallParts {
  id: string;
  name: string;
  args: string;
}

/** Puts a reply together from its pieces; servers differ in what they leave out, so nothing is relied on. Never throws. */
export class ReplyPieces {
  #content = '';
  #reasoning = '';
  readonly #calls: CallParts[] = [];
  #chars = 0;
  #usage: Tokens | null = null;
  /** Pieces that held something of the reply. */
  #parts = 0;
  /** Why the model stopped; null while it has not said. */
  finish: string | null = null;

  /** True while there is room for more. */
  add(chunk: Partial<Chunk>): boolean {
    const usage = chunk.usage ?? null;
    if (usage !== null)
      this.#usage = { prompt: count(usage.prompt_tokens), completion: count(usage.completion_tokens) };
    const choice = Array.isArray(chunk.choices) ? chunk.choices[0] : undefined;
    if (typeof choice?.finish_reason === 'string') this.finish = choice.finish_reason;
    // A server that does not stream sends the whole message at once.
    const part = (choice?.delta ?? (choice as { message?: unknown } | undefined)?.message ?? {}) as Record<
      string,
      unknown
    >;
    const before = this.#chars;
    this.#content += this.#text(part.content);
    this.#reasoning += this.#text(part.reasoning_content) || this.#text(part.reasoning);
    if (Array.isArray(part.tool_calls))
      for (const [i, call] of part.tool_calls.entries()) this.#call(call, i);
    if (this.#chars > before) this.#parts++;
    return this.#chars <= KEPT_MAX_CHARS;
  }

  get streamed(): boolean {
    return this.#parts > 1;
  }

  message(): ReplyMessage {
    const toolCalls = this.#calls.map(
      ({ id, name, args }, i): NativeCall => ({ id: id === '' ? `call_${i}` : id, name, arguments: args }),
    );
    return { content: this.#content, reasoning: this.#reasoning, toolCalls };
  }

  /** As the server counted, else about a token for four characters. */
  tokens(promptChars: number): Tokens {
    return this.#usage ?? { prompt: Math.ceil(promptChars / 4), completion: Math.ceil(this.#chars / 4) };
  }

  #call(part: unknown, place: number): void {
    if (typeof part !== 'object' || part === null) return;
    const { index, id, function: called } = part as { index?: unknown; id?: unknown; function?: unknown };
    const { name, arguments: args } = (called ?? {}) as { name?: unknown; arguments?: unknown };
    const at = this.#placeOf(index, id, name, place);
    if (at === null) return;
    const call = this.#calls[at] ?? { id: '', name: '', args: '' };
    this.#calls[at] = call;
    if (call.id === '') call.id = this.#text(id).slice(0, FIELD_MAX_CHARS);
    if (call.name.length < FIELD_MAX_CHARS) call.name += this.#text(name);
    call.args +=
      typeof args === 'object' && args !== null ? this.#text(JSON.stringify(args)) : this.#text(args);
  }

  /** Where a piece belongs: by its index, else a new call when it brings a name, else the latest. */
  #placeOf(index: unknown, id: unknown, name: unknown, place: number): number | null {
    const last = this.#calls.length - 1;
    const isNew = typeof name === 'string' && name !== '' && id !== this.#calls[last]?.id;
    const at = typeof index === 'number' ? index : isNew ? last + 1 : Math.max(place, last, 0);
    return Number.isInteger(at) && at >= 0 && at <= this.#calls.length && at < CALLS_MAX ? at : null;
  }

  #text(value: unknown): string {
    if (typeof value !== 'string') return '';
    this.#chars += value.length;
    return this.#chars > KEPT_MAX_CHARS ? '' : value;
  }
}

function count(value: unknown): number {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value) ? Math.round(value) : 0;
}
