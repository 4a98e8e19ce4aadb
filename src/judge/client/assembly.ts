import type { Tokens } from '../../model/inquiry.ts';
import type { ReplyMessage } from '../reply/reply.ts';
import { CallAssembly } from './calls.ts';
import { fault, type ModelFault, replyFault } from './failure.ts';
import { fieldOf, type Json, objectOf, textOf } from './json.ts';

/** Most characters of a reply, thoughts and calls included. */
const REPLY_MAX_CHARS = 200_000;
/** No reply takes more; a server that says so is not believed. */
const TOKENS_MAX = 10_000_000;
const CHARS_A_TOKEN = 4;
/** Under these names servers tell thoughts apart from what is said. */
const THOUGHTS = ['reasoning_content', 'reasoning', 'thinking'];

/** Reasons to stop that leave a reply whole, in the words of the servers there are. */
const WHOLE: ReadonlySet<string> = new Set([
  'stop',
  'tool_calls',
  'function_call',
  'eos',
  'eos_token',
  'stop_sequence',
  'end_turn',
  'tool_use',
  'complete',
]);
const AT_LIMIT: ReadonlySet<string> = new Set(['length', 'max_tokens', 'model_length', 'max_output_tokens']);

/** Puts a reply together from its pieces, or from one piece. Servers differ in what they leave out, so nothing is relied on. Never throws. */
export class Assembly {
  #content = '';
  #reasoning = '';
  readonly #calls = new CallAssembly();
  #chars = 0;
  #parts = 0;
  #finish: string | null = null;
  #usage: Tokens | null = null;
  #isCounted = false;
  #hasReply = false;

  /** What is wrong with it, null when it goes on. */
  add(value: unknown): ModelFault | null {
    const error = fieldOf(value, 'object') === 'error' ? value : fieldOf(value, 'error');
    if (error) return replyFault(error);
    const choice = firstChoice(value);
    this.#count(objectOf(value, 'usage'), choice === null);
    if (choice === null) return null;
    this.#hasReply = true;
    this.#finish = textOf(fieldOf(choice, 'finish_reason')) || this.#finish;
    const delta = objectOf(choice, 'delta');
    const part = delta ?? objectOf(choice, 'message');
    const before = this.#chars;
    if (part !== null) this.#part(part, delta === null);
    if (this.#chars > before) this.#parts++;
    return this.#chars <= REPLY_MAX_CHARS
      ? null
      : fault('too_long', `the model wrote more than ${REPLY_MAX_CHARS} characters`);
  }

  /** Characters that the model wrote. */
  get chars(): number {
    return this.#chars;
  }

  /** The model has begun to reply. */
  get hasReply(): boolean {
    return this.#hasReply;
  }

  /** It came in more than one piece. */
  get isStreamed(): boolean {
    return this.#parts > 1;
  }

  /** The model has stopped; tokens may still be counted. */
  get isFinished(): boolean {
    return this.#finish !== null;
  }

  /** The model has stopped, and what servers send after that has come. */
  get isCounted(): boolean {
    return this.#finish !== null && this.#isCounted;
  }

  /** What is missing of the reply; null when it is whole. Half a verdict could mean its opposite. */
  get unfinished(): ModelFault | null {
    if (!this.#hasReply) return fault('broken', 'the answer holds no reply of a model');
    if (this.#finish === null) return fault('broken', 'the reply ended in the middle');
    const reason = this.#finish.toLowerCase();
    if (AT_LIMIT.has(reason)) return fault('too_long', 'the reply was cut at its limit of tokens');
    return WHOLE.has(reason) ? null : fault('broken', `the reply was cut off: ${this.#finish.slice(0, 60)}`);
  }

  /** `freshId` makes ids for calls; each time another. */
  message(freshId: () => string): ReplyMessage {
    return { content: this.#content, reasoning: this.#reasoning, toolCalls: this.#calls.calls(freshId) };
  }

  /** As the server counted, else about a token for four characters. */
  tokens(promptChars: number): Tokens {
    return (
      this.#usage ?? {
        prompt: Math.ceil(promptChars / CHARS_A_TOKEN),
        completion: Math.ceil(this.#chars / CHARS_A_TOKEN),
      }
    );
  }

  #part(part: Json, isWhole: boolean): void {
    this.#content += this.#taken(textOf(part.content) || textOf(part.refusal));
    this.#reasoning += this.#taken(
      THOUGHTS.map((name) => textOf(part[name])).find((text) => text !== '') ?? '',
    );
    const calls: readonly unknown[] = Array.isArray(part.tool_calls) ? part.tool_calls : [];
    for (const call of calls) this.#chars += this.#calls.add(call, isWhole);
    // Before there were tool calls there was one of these.
    const old = objectOf(part, 'function_call');
    if (old !== null) this.#chars += this.#calls.add({ function: old }, isWhole);
  }

  /** Some servers count with every piece; what comes without one is the last word. */
  #count(usage: Json | null, isLast: boolean): void {
    const prompt = usage?.prompt_tokens;
    const completion = usage?.completion_tokens;
    if (!isCount(prompt) || !isCount(completion) || prompt === 0) return;
    this.#usage = { prompt, completion };
    if (isLast && this.#finish !== null) this.#isCounted = true;
  }

  #taken(text: string): string {
    this.#chars += text.length;
    return this.#chars > REPLY_MAX_CHARS ? '' : text;
  }
}

/** The first of several answers to the same question. */
function firstChoice(value: unknown): Json | null {
  const choices = fieldOf(value, 'choices');
  if (!Array.isArray(choices)) return null;
  const first: unknown = choices.find((choice) => (fieldOf(choice, 'index') ?? 0) === 0);
  return typeof first === 'object' && first !== null ? (first as Json) : null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= TOKENS_MAX;
}
