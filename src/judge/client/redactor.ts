/** What stands in place of a key. */
const REDACTED = '[key]';
/** Shorter keys hold no secret: they are words such as `none` that stand where a server wants one. */
const KEY_MIN_CHARS = 4;
/** Local servers take keys that are words, such as `ollama`; a reply may honestly be about them. Longer ones are secrets. */
const SECRET_MIN_CHARS = 16;

/** Takes a key out of texts, however a server wrote it: as it is, for URLs, in JSON or in base64, in any case. */
export class Redactor {
  readonly #written: RegExp;

  constructor(private readonly apiKey: string | null) {
    const written = spellings(apiKey ?? '').map((text) => RegExp.escape(text));
    this.#written = new RegExp(written.join('|'), 'gi');
  }

  /** A line that we tell of a server, which needs no word of a key. */
  ofDetail(text: string): string {
    return this.#without(text, KEY_MIN_CHARS);
  }

  /** What a model said; only of keys that are long enough to be secrets. */
  ofReply(text: string): string {
    return this.#without(text, SECRET_MIN_CHARS);
  }

  #without(text: string, minChars: number): string {
    const { length } = this.apiKey ?? '';
    return length < minChars ? text : text.replaceAll(this.#written, REDACTED);
  }
}

/** All of them as they may stand in a longer text. */
function spellings(key: string): readonly string[] {
  // Base64 depends on how many bytes stand before; its first and last characters on what they are.
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), Buffer.from(key)]).toString('base64');
    return text.slice(before === 0 ? 0 : before + 1).replace(/.?=+$/, '');
  });
  const forUrls = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  return [JSON.stringify(key).slice(1, -1), encodeURIComponent(key), key, ...base64, ...forUrls];
}
