import { decodeContent } from './content-encoding.ts';
import type { GetResponse } from './http-get.ts';

/** The body of a response as text, unpacked; bytes that are no UTF-8 become U+FFFD. Null when it is too long. Rejects with what went wrong. */
export async function bodyText({ body, head }: GetResponse, maxBytes: number): Promise<string | null> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of decodeContent(body, head.headers.get('content-encoding') ?? '')) {
    size += piece.length;
    if (size > maxBytes) return null;
    pieces.push(piece);
  }
  return new TextDecoder().decode(Buffer.concat(pieces));
}
