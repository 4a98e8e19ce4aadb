import { boundedJson } from '../../net/bounded-json.ts';

/** Longest event of a stream, and longest reply in one piece. */
const EVENT_MAX_CHARS = 1_048_576;
const SHOWN_CHARS = 60;
/** How a line of an event can begin; a colon begins a comment. */
const FIELDS = ['data', 'event', 'id', 'retry', 'error', ':'];

/** What a reader finds in an answer, in order. */
export type ReplyEvent =
  /** A piece of a reply, or a whole one. */
  | { readonly kind: 'json'; readonly value: unknown }
  /** The stream said that this was all. */
  | { readonly kind: 'done' }
  /** It is no reply of a model; nothing more is read. */
  | { readonly kind: 'bad'; readonly why: 'broken' | 'too_long'; readonly detail: string };

/**
 * Cuts the answer to a chat request into JSON values, whatever its content type says: server-sent events (WHATWG HTML, 9.2), however
 * they are cut into packets, or one JSON value. Never throws.
 */
export class EventReader {
  readonly #decoder = new TextDecoder();
  #kind: 'unknown' | 'events' | 'whole' | 'over' = 'unknown';
  /** The line, or the reply in one piece, that has not ended yet. */
  readonly #held: string[] = [];
  #heldChars = 0;
  /** Lines of an event that is not complete yet. */
  readonly #event: string[] = [];
  #eventChars = 0;
  #endsInReturn = false;

  push(bytes: Uint8Array): readonly ReplyEvent[] {
    return this.#ended(this.#text(this.#decoder.decode(bytes, { stream: true })));
  }

  /** The connection ended; what was not complete is an event too, if it is JSON. */
  end(): readonly ReplyEvent[] {
    const events = [...this.#text(this.#decoder.decode())];
    if (this.#kind === 'whole') {
      const text = this.#release();
      events.push(jsonEvent(text) ?? bad('broken', `the reply is no JSON, or half of it: ${shown(text)}`));
    } else if (this.#kind === 'events') {
      const last = this.#text('\n\n');
      events.push(
        ...last.map((event) => (event.kind === 'bad' ? bad('broken', 'it ended in the middle') : event)),
      );
    }
    return this.#ended(events);
  }

  /** Nothing counts after the end. */
  #ended(events: readonly ReplyEvent[]): readonly ReplyEvent[] {
    const last = events.findIndex(({ kind }) => kind !== 'json');
    if (last < 0) return events;
    this.#kind = 'over';
    return events.slice(0, last + 1);
  }

  #text(text: string): readonly ReplyEvent[] {
    if (this.#kind === 'unknown') {
      const start = text.trimStart();
      if (start === '') return [];
      this.#kind = kindOf(start);
      if (this.#kind === 'over') return [bad('broken', `the answer is no reply of a model: ${shown(start)}`)];
      return this.#text(start);
    }
    if (this.#kind === 'events') return this.#lines(text);
    return this.#kind === 'whole' && !this.#hold(text) ? [tooLong()] : [];
  }

  /** Lines end in `\n`, `\r\n` or `\r`, and a `\r\n` may be cut in between. */
  #lines(text: string): readonly ReplyEvent[] {
    const events: ReplyEvent[] = [];
    const ends = /\r\n|\n|\r/g;
    let from = this.#endsInReturn && text.startsWith('\n') ? 1 : 0;
    if (text !== '') this.#endsInReturn = text.endsWith('\r');
    ends.lastIndex = from;
    for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
      if (!this.#hold(text.slice(from, end.index))) return [...events, tooLong()];
      from = ends.lastIndex;
      const event = this.#line(this.#release());
      if (event !== null) events.push(event);
      if (event !== null && event.kind !== 'json') return events;
    }
    return this.#hold(text.slice(from)) ? events : [...events, tooLong()];
  }

  /** Comments, ids and the names of events say nothing here; an `error` line (llama.cpp) is an error in the data. */
  #line(line: string): ReplyEvent | null {
    if (line === '') return this.#complete();
    const [, field, value = ''] = /^(data|error)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === undefined) return null;
    this.#eventChars += value.length;
    if (this.#eventChars > EVENT_MAX_CHARS) return tooLong();
    this.#event.push(field === 'error' ? `{"error":${value}}` : value);
    // Some servers leave out the empty line after an event: one line that is JSON is an event by itself.
    return this.#event.length === 1 ? this.#taken(jsonEvent(this.#event[0] ?? '')) : null;
  }

  /** An empty line ends an event. */
  #complete(): ReplyEvent | null {
    const data = this.#event.join('\n').trim();
    this.#event.length = 0;
    this.#eventChars = 0;
    if (data === '') return null;
    return jsonEvent(data) ?? bad('broken', `an event of its reply is no JSON: ${shown(data)}`);
  }

  #taken(event: ReplyEvent | null): ReplyEvent | null {
    if (event === null) return null;
    this.#event.length = 0;
    this.#eventChars = 0;
    return event;
  }

  /** False when it is too long. */
  #hold(text: string): boolean {
    this.#heldChars += text.length;
    if (text !== '') this.#held.push(text);
    return this.#heldChars <= EVENT_MAX_CHARS;
  }

  #release(): string {
    const text = this.#held.join('');
    this.#held.length = 0;
    this.#heldChars = 0;
    return text;
  }
}

/** What an answer is, by its first characters, of which there may be one. */
function kindOf(start: string): 'events' | 'whole' | 'over' {
  if (/^[{[]/.test(start)) return 'whole';
  return FIELDS.some((field) => start.startsWith(field) || field.startsWith(start)) ? 'events' : 'over';
}

/** Null for what is not complete, or no JSON at all. */
function jsonEvent(text: string): ReplyEvent | null {
  if (text.trim() === '[DONE]') return { kind: 'done' };
  const value = boundedJson(text);
  return value === undefined ? null : { kind: 'json', value };
}

function tooLong(): ReplyEvent {
  return bad('too_long', `more than ${EVENT_MAX_CHARS} characters in one piece`);
}

function bad(why: 'broken' | 'too_long', detail: string): ReplyEvent {
  return { kind: 'bad', why, detail };
}

function shown(text: string): string {
  return text.slice(0, SHOWN_CHARS);
}
