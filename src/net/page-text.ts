/** How far into a page its own word on its encoding is looked for (HTML standard, "prescan a byte stream"). */
const PRESCAN_BYTES = 1_024;
const IN_HEADER = /charset\s*=\s*["']?\s*([\w.:-]{1,40})/i;
const IN_META = /<meta\s[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{1,40})/i;
/** Byte order marks, as latin1. */
const MARKS = [
  ['\u00ef\u00bb\u00bf', 'utf-8'],
  ['\u00fe\u00ff', 'utf-16be'],
  ['\u00ff\u00fe', 'utf-16le'],
] as const;

/**
 * Reads the bytes of a page as text: by its byte order mark, the content type, its own meta element, or as UTF-8 and, when it is
 * none, Windows-1252, as browsers do. What does not decode becomes U+FFFD; a character that is cut at the end is left out.
 */
export function pageText(bytes: Uint8Array, contentType: string): string {
  const start = Buffer.from(bytes.subarray(0, PRESCAN_BYTES)).toString('latin1');
  const byMark = MARKS.find(([mark]) => start.startsWith(mark))?.[1];
  // A page whose ASCII could be read is not UTF-16, whatever it says.
  const byMeta = IN_META.exec(start)?.[1]?.replace(/^utf-?16.*/i, 'utf-8');
  for (const label of [byMark, IN_HEADER.exec(contentType)?.[1], byMeta]) {
    const text = label === undefined ? null : decoded(bytes, label, false);
    if (text !== null) return text;
  }
  return decoded(bytes, 'utf-8', true) ?? decoded(bytes, 'windows-1252', false) ?? '';
}

/** Null when there is no such encoding, or the bytes are not in it and `isStrict`. */
function decoded(bytes: Uint8Array, label: string, isStrict: boolean): string | null {
  try {
    return new TextDecoder(label as Bun.Encoding, { fatal: isStrict }).decode(bytes, { stream: true });
  } catch {
    return null;
  }
}
