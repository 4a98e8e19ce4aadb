/** What stands in place of a key. */
const REDACTED = '[key]';
/** Shorter keys hold no secret: they are words such as `none` that stand where a server wants one. */
const KEY_MIN_CHARS = 4;
/** A piece of a key as long as that does not stand in a text by chance. */
const PIECE_CHARS = 8;
/** Local servers take keys that are words, such as `ollama`; a reply may honestly be about them. Longer ones are secrets. */
const SECRET_MIN_CHARS = 16;
const REPLY_PIECE_CHARS = 12;

/** Takes a key out of texts, whole and in pieces, however a server wrote it: as it is, for URLs, JSON, base64 or hex, in any case. */
export class Redactor {
  readonly #details: ReadonlySet<string>;
  readonly #replies: ReadonlySet<string>;

  constructor(apiKey: string | null) {
    const key = apiKey ?? '';
    this.#details = piecesOf(key.length < KEY_MIN_CHARS ? '' : key, PIECE_CHARS);
    this.#replies = piecesOf(key.length < SECRET_MIN_CHARS ? '' : key, REPLY_PIECE_CHARS);
  }

  /** A line that we tell of a server, which needs no word of a key. */
  ofDetail(text: string): string {
    return redact(text, this.#details);
  }

  /** What a model said; only of keys that are long enough to be secrets. */
  ofReply(text: string): string {
    return redact(text, this.#replies);
  }
}

/** All pieces of so many characters of all ways to write a key; all of one length. */
function piecesOf(key: string, chars: number): ReadonlySet<string> {
  const length = Math.min(chars, key.length);
  if (length === 0) return new Set();
  const starts = (written: string): number[] => [...Array(Math.max(0, written.length - length + 1)).keys()];
  return new Set(
    spellings(key).flatMap((written) => starts(written).map((at) => lower(written.slice(at, at + length)))),
  );
}

function spellings(key: string): string[] {
  const bytes = Buffer.from(key);
  const hex = bytes.toString('hex');
  // Base64 depends on how many bytes stand before; its first and last characters on what they are.
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    return text.slice(before === 0 ? 0 : before + 1).replace(/.?=+$/, '');
  });
  const forUrls = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  const json = JSON.stringify(key).slice(1, -1);
  return [key, encodeURIComponent(key), json, ...base64, ...forUrls, hex, hex.replace(/../g, '%$&')];
}

function redact(text: string, pieces: ReadonlySet<string>): string {
  const [first] = pieces;
  if (first === undefined) return text;
  const plain = lower(text);
  let kept = '';
  let from = 0;
  for (let at = 0; at + first.length <= text.length; at++) {
    if (!pieces.has(plain.slice(at, at + first.length))) continue;
    // What is redacted goes on while one piece begins within the last.
    if (from === 0 || at > from) kept += text.slice(from, at) + REDACTED;
    from = at + first.length;
  }
  return kept + text.slice(from);
}

/** Lower case that changes no length. */
function lower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
