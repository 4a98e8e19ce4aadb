import { createParser } from 'eventsource-parser';
import { boundedJson } from '../../net/bounded-json.ts';
import { cutOff, fault, type ModelFault } from './failure.ts';

/** Longest event of a stream, and longest reply in one piece. */
const EVENT_MAX_CHARS = 1_048_576;
const TOO_LONG = fault('too_long', `more than ${EVENT_MAX_CHARS} characters in one piece`);

/**
 * Cuts the answer to a chat request into JSON values, whatever its content type says: server-sent events, however they are cut into
 * packets, or one JSON value. Never throws.
 */
export class EventReader {
  readonly #decoder = new TextDecoder();
  readonly #parser = createParser({
    maxBufferSize: EVENT_MAX_CHARS,
    onEvent: ({ data }) => this.#event(data, 'an event of its reply is no JSON'),
    // What else is odd in a stream is passed over, as in any.
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded') this.#end = TOO_LONG;
    },
  });
  #kind: 'unknown' | 'events' | 'whole' = 'unknown';
  /** The reply in one piece, as far as it came. */
  #whole = '';
  #end: ModelFault | 'done' | null = null;

  /** `take` is given the values in order, and says what is wrong with one. */
  constructor(private readonly take: (value: unknown) => ModelFault | null) {}

  /** Why nothing more is read: the stream said that this was all, or something is wrong; null while it goes on. */
  get end(): ModelFault | 'done' | null {
    return this.#end;
  }

  push(bytes: Uint8Array): void {
    this.#read(this.#decoder.decode(bytes, { stream: true }));
  }

  /** The connection ended; what was not complete is an event too, if it is JSON. */
  close(): void {
    this.#read(`${this.#decoder.decode()}${this.#kind === 'events' ? '\n\n' : ''}`);
    if (this.#kind === 'unknown') this.#end ??= cutOff('the answer is empty, and no reply of a model');
    if (this.#kind === 'whole') this.#event(this.#whole, 'the reply is no JSON, or half of it');
  }

  #read(text: string): void {
    const start = this.#kind === 'unknown' ? text.trimStart() : text;
    if (start === '' || this.#end !== null) return;
    if (this.#kind === 'unknown') this.#kind = /^[{[<]/.test(start) ? 'whole' : 'events';
    if (this.#kind === 'events') this.#parser.feed(start);
    else this.#whole += start;
    if (this.#whole.startsWith('<')) {
      this.#end = fault('broken', `the answer is no reply of a model: ${start}`);
    } else if (this.#whole.length > EVENT_MAX_CHARS) this.#end = TOO_LONG;
  }

  #event(data: string, otherwise: string): void {
    if (data.trim() === '' || this.#end !== null) return;
    const value = boundedJson(data);
    if (data.trim() === '[DONE]') this.#end = 'done';
    else this.#end = value === undefined ? fault('broken', `${otherwise}: ${data}`) : this.take(value);
  }
}
