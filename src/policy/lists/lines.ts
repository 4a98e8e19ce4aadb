/** Longest line that is read; what is longer is skipped without being kept. */
export const LINE_MAX_CHARS = 4_096;

/** Told of every line: its text without the line end, null when it was too long, and its number from 1. */
export type OnLine = (text: string | null, line: number) => void;

/** Cuts UTF-8 text that comes in pieces into lines. Holds at most one line of `LINE_MAX_CHARS`, whatever is pushed. */
export class LineSplitter {
  readonly #decoder = new TextDecoder('utf-8');
  readonly #onLine: OnLine;
  #rest = '';
  #tooLong = false;
  #line = 0;

  constructor(onLine: OnLine) {
    this.#onLine = onLine;
  }

  /** Lines seen so far. */
  get lines(): number {
    return this.#line;
  }

  push(bytes: Uint8Array): void {
    this.#take(this.#decoder.decode(bytes, { stream: true }));
  }

  /** Ends the text: what follows the last line end is a line when it is not empty. */
  end(): void {
    this.#take(this.#decoder.decode());
    if (this.#rest !== '' || this.#tooLong) this.#emit('');
  }

  #take(text: string): void {
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#emit(text.slice(from, end));
      from = end + 1;
    }
    if (this.#tooLong) return;
    const rest = text.length - from;
    if (this.#rest.length + rest > LINE_MAX_CHARS) {
      this.#tooLong = true;
      this.#rest = '';
    } else if (rest > 0) {
      this.#rest += text.slice(from);
    }
  }

  #emit(tail: string): void {
    this.#line++;
    const tooLong = this.#tooLong || this.#rest.length + tail.length > LINE_MAX_CHARS;
    const text = this.#rest === '' ? tail : this.#rest + tail;
    this.#rest = '';
    this.#tooLong = false;
    this.#onLine(tooLong ? null : text, this.#line);
  }
}
