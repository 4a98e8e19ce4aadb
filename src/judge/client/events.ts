import { createParser } from 'eventsource-parser';
import { boundedJson } from '../../net/bounded-json.ts';

/** Longest event of a stream, and longest reply in one piece. */
const EVENT_MAX_CHARS = 1_048_576;
const SHOWN_CHARS = 60;
/** How a line of an event can begin; a colon begins a comment. */
const FIELDS = ['data', 'event', 'id', 'retry', 'error', ':'];
/** A line that tells of an error (llama.cpp), and one that is JSON by itself: some servers leave out the empty line behind it. */
const ERROR_LINE = /(?<=^|[\r\n])error: ?([^\r\n]*)/g;
const JSON_LINE = /(?<=^|[\r\n])data: ?(?:\{[^\r\n]*\}|\[DONE\])[ \t]*(?=[\r\n])/g;

/** What a reader finds in an answer, in order. */
export type ReplyEvent =
  /** A piece of a reply, or a whole one. */
  | { readonly kind: 'json'; readonly value: unknown }
  /** The stream said that this was all. */
  | { readonly kind: 'done' }
  /** It is no reply of a model; nothing more is read. */
  | { readonly kind: 'bad'; readonly why: 'broken' | 'too_long'; readonly detail: string };

/**
 * Cuts the answer to a chat request into JSON values, whatever its content type says: server-sent events, however they are cut into
 * packets, or one JSON value. The parser of events is given whole lines, and no more of them than fit. Never throws.
 */
export class EventReader {
  readonly #decoder = new TextDecoder();
  readonly #parser = createParser({
    maxBufferSize: EVENT_MAX_CHARS,
    onEvent: ({ data }) => this.#event(data),
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded') this.#found.push(TOO_LONG);
    },
  });
  #kind: 'unknown' | 'events' | 'whole' | 'over' = 'unknown';
  /** The line, or the reply in one piece, that has not ended yet. */
  #held = '';
  #isEnd = false;
  #found: ReplyEvent[] = [];

  push(bytes: Uint8Array): readonly ReplyEvent[] {
    this.#read(this.#decoder.decode(bytes, { stream: true }));
    return this.#taken();
  }

  /** The connection ended; what was not complete is an event too, if it is JSON. */
  end(): readonly ReplyEvent[] {
    this.#isEnd = true;
    this.#read(this.#decoder.decode());
    if (this.#kind === 'events') this.#lines('\n\n');
    else if (this.#kind === 'whole') this.#event(this.#held);
    return this.#taken();
  }

  /** Nothing counts after the end, or after what is bad. */
  #taken(): readonly ReplyEvent[] {
    const found = this.#found.splice(0);
    const last = found.findIndex(({ kind }) => kind !== 'json');
    if (last < 0) return found;
    this.#kind = 'over';
    return found.slice(0, last + 1);
  }

  #read(text: string): void {
    if (this.#kind === 'over') return;
    const start = this.#kind === 'unknown' ? text.trimStart() : text;
    if (start === '') return;
    if (this.#kind === 'unknown') this.#kind = kindOf(start);
    if (this.#kind === 'events') this.#lines(start);
    else if (this.#kind === 'whole') this.#hold(start);
    else this.#found.push(bad('broken', `the answer is no reply of a model: ${shown(start)}`));
  }

  #lines(text: string): void {
    const end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
    if (end > 0) {
      const lines = this.#held + text.slice(0, end);
      this.#held = '';
      const told = lines.replace(ERROR_LINE, (_, error) => `data: {"error":${error}}\n`);
      this.#parser.feed(told.replace(JSON_LINE, (line) => `${line}\n`));
    }
    this.#hold(text.slice(end));
  }

  #hold(text: string): void {
    this.#held += text;
    if (this.#held.length > EVENT_MAX_CHARS) this.#found.push(TOO_LONG);
  }

  #event(data: string): void {
    if (data.trim() === '[DONE]') this.#found.push({ kind: 'done' });
    else if (data.trim() !== '') this.#found.push(jsonEvent(data) ?? bad('broken', this.#noJson(data)));
  }

  #noJson(data: string): string {
    if (this.#kind === 'whole') return `the reply is no JSON, or half of it: ${shown(data)}`;
    return this.#isEnd ? 'it ended in the middle' : `an event of its reply is no JSON: ${shown(data)}`;
  }
}

const TOO_LONG = bad('too_long', `more than ${EVENT_MAX_CHARS} characters in one piece`);

/** What an answer is, by its first characters, of which there may be one. */
function kindOf(start: string): 'events' | 'whole' | 'over' {
  if (/^[{[]/.test(start)) return 'whole';
  return FIELDS.some((field) => start.startsWith(field) || field.startsWith(start)) ? 'events' : 'over';
}

/** Null for what is not complete, or no JSON at all. */
function jsonEvent(text: string): ReplyEvent | null {
  const value = boundedJson(text);
  return value === undefined ? null : { kind: 'json', value };
}

function bad(why: 'broken' | 'too_long', detail: string): ReplyEvent {
  return { kind: 'bad', why, detail };
}

function shown(text: string): string {
  return text.slice(0, SHOWN_CHARS);
}
