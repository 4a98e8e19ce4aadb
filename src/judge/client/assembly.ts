import type { Tokens } from '../../model/inquiry.ts';
import type { ReplyMessage } from '../reply/reply.ts';
import { CallAssembly } from './calls.ts';
import { fault, type ModelFault, replyFault } from './failure.ts';
import { fieldOf, textOf } from './json.ts';

/** Most characters of a reply, thoughts and calls included. */
const REPLY_MAX_CHARS = 200_000;
/** No reply takes more; a server that says so is not believed. */
const TOKENS_MAX = 10_000_000;
const CHARS_A_TOKEN = 4;
/** Under these names servers tell thoughts apart from what is said. */
const THOUGHTS = ['reasoning_content', 'reasoning', 'thinking'];
/** Reasons to stop that leave a reply whole, and those that tell of a limit, in the words of the servers there are. */
const WHOLE = /^(?:stop|tool_calls|function_call|eos|eos_token|stop_sequence|end_turn|tool_use|complete)$/i;
const AT_LIMIT = /^(?:length|max_tokens|model_length|max_output_tokens)$/i;

/** Puts a reply together from its pieces, or from one piece. Servers differ in what they leave out, so nothing is relied on. Never throws. */
export class Assembly {
  #content = '';
  #reasoning = '';
  readonly #calls = new CallAssembly();
  #chars = 0;
  #parts = 0;
  /** Why the model stopped, in the server's words; empty while it goes on. */
  #finish = '';
  #usage: Tokens | null = null;
  #isCounted = false;
  #hasReply = false;

  /** What is wrong with it, null when it goes on. */
  add(value: unknown): ModelFault | null {
    const error = fieldOf(value, 'object') === 'error' ? value : fieldOf(value, 'error');
    if (error) return replyFault(error);
    const choice = firstChoice(value);
    this.#count(fieldOf(value, 'usage'), choice === undefined);
    if (choice === undefined) return null;
    this.#hasReply = true;
    this.#finish = textOf(fieldOf(choice, 'finish_reason')) || this.#finish;
    const delta = fieldOf(choice, 'delta') ?? null;
    const before = this.#chars;
    this.#part(delta ?? fieldOf(choice, 'message'), delta === null);
    if (this.#chars > before) this.#parts++;
    if (this.#chars <= REPLY_MAX_CHARS) return null;
    return fault('too_long', `the model wrote more than ${REPLY_MAX_CHARS} characters`);
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
    return this.#finish !== '';
  }

  /** The model has stopped, and what servers send after that has come. */
  get isCounted(): boolean {
    return this.isFinished && this.#isCounted;
  }

  /** What is missing of the reply; null when it is whole. Half a verdict could mean its opposite. */
  get unfinished(): ModelFault | null {
    if (!this.#hasReply) return fault('broken', 'the answer holds no reply of a model');
    if (!this.isFinished) return fault('broken', 'the reply ended in the middle');
    if (AT_LIMIT.test(this.#finish)) return fault('too_long', 'the reply was cut at its limit of tokens');
    if (WHOLE.test(this.#finish)) return null;
    return fault('broken', `the reply was cut off: ${this.#finish.slice(0, 60)}`);
  }

  /** `freshId` makes ids for calls; each time another. */
  message(freshId: () => string): ReplyMessage {
    return { content: this.#content, reasoning: this.#reasoning, toolCalls: this.#calls.calls(freshId) };
  }

  /** As the server counted, else about a token for four characters. */
  tokens(promptChars: number): Tokens {
    const [prompt = 0, completion = 0] = [promptChars, this.#chars].map((chars) =>
      Math.ceil(chars / CHARS_A_TOKEN),
    );
    return this.#usage ?? { prompt, completion };
  }

  #part(part: unknown, isWhole: boolean): void {
    this.#content += this.#taken(textOf(fieldOf(part, 'content')) || textOf(fieldOf(part, 'refusal')));
    const thoughts = THOUGHTS.map((name) => textOf(fieldOf(part, name)));
    this.#reasoning += this.#taken(thoughts.find((text) => text !== '') ?? '');
    const calls = fieldOf(part, 'tool_calls');
    // Before there were tool calls there was one of these.
    const old = fieldOf(part, 'function_call');
    for (const call of [...(Array.isArray(calls) ? calls : []), ...(old ? [{ function: old }] : [])]) {
      this.#chars += this.#calls.add(call, isWhole);
    }
  }

  /** Some servers count with every piece; what comes without one is the last word. */
  #count(usage: unknown, isLast: boolean): void {
    const prompt = fieldOf(usage, 'prompt_tokens');
    const completion = fieldOf(usage, 'completion_tokens');
    if (!isCount(prompt) || !isCount(completion) || prompt === 0) return;
    this.#usage = { prompt, completion };
    if (isLast && this.isFinished) this.#isCounted = true;
  }

  #taken(text: string): string {
    this.#chars += text.length;
    return this.#chars > REPLY_MAX_CHARS ? '' : text;
  }
}

/** The first of several answers to the same question. */
function firstChoice(value: unknown): object | undefined {
  const choices = fieldOf(value, 'choices');
  const first = Array.isArray(choices) ? choices.find((one) => (fieldOf(one, 'index') ?? 0) === 0) : null;
  return typeof first === 'object' ? (first ?? undefined) : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= TOKENS_MAX;
}
