/** How far into a page its own word on its encoding is looked for (HTML standard, "prescan a byte stream"). */
const PRESCAN_BYTES = 1_024;

const IN_HEADER = /charset\s*=\s*["']?\s*([\w.:-]{1,40})/i;
const IN_META = /<meta\s[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{1,40})/i;

/**
 * Reads the bytes of a page as text: by its byte order mark, the content type, its own meta element, or as UTF-8 and, when it is
 * none, Windows-1252, as browsers do. What does not decode becomes U+FFFD; a character that is cut at the end is left out.
 */
export function pageText(bytes: Uint8Array, contentType: string): string {
  for (const label of [byOrderMark(bytes), IN_HEADER.exec(contentType)?.[1], inMeta(bytes)]) {
    const text = label === undefined ? null : decoded(bytes, label, false);
    if (text !== null) return text;
  }
  return decoded(bytes, 'utf-8', true) ?? decoded(bytes, 'windows-1252', false) ?? '';
}

function byOrderMark(bytes: Uint8Array): string | undefined {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  return a === 0xff && b === 0xfe ? 'utf-16le' : undefined;
}

function inMeta(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, PRESCAN_BYTES));
  const label = IN_META.exec(start.toString('latin1'))?.[1];
  // A page whose ASCII could be read is not UTF-16, whatever it says.
  return label !== undefined && /^utf-?16/i.test(label) ? 'utf-8' : label;
}

/** Null when there is no such encoding, or the bytes are not in it and `isStrict`. */
function decoded(bytes: Uint8Array, label: string, isStrict: boolean): string | null {
  try {
    return new TextDecoder(label as Bun.Encoding, { fatal: isStrict }).decode(bytes, { stream: true });
  } catch {
    return null;
  }
}
