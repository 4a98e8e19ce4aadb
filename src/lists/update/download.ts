import type { AtomicFile } from '../../files/atomic-file.ts';
import { decodeContent } from '../../net/content-encoding.ts';
import { type GetResponse, httpGet } from '../../net/http-get.ts';
import { unpackFile } from '../compile/unpack.ts';

const REDIRECTS_MAX = 5;

/** What bounds a download. */
export interface DownloadLimits {
  readonly connectMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
  /** Bytes over the wire, and of the list when unpacked. */
  readonly wireBytes: number;
  readonly textBytes: number;
}

export const DOWNLOAD_LIMITS: DownloadLimits = {
  connectMs: 15_000,
  idleMs: 20_000,
  totalMs: 600_000,
  wireBytes: 268_435_456,
  textBytes: 536_870_912,
};

/** How far a download is. `totalBytes` is what the server announced, null when it did not. */
export interface DownloadProgress {
  readonly bytes: number;
  readonly totalBytes: number | null;
}

export interface DownloadRequest {
  readonly url: string;
  /** Of the content in force: an unchanged source then sends nothing. */
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly limits: DownloadLimits;
  /** Allows addresses that are not on the internet. */
  readonly allowPrivate: boolean;
  readonly onProgress: (progress: DownloadProgress) => void;
}

export type Downloaded =
  | {
      readonly kind: 'fresh';
      readonly etag: string | null;
      readonly lastModified: string | null;
      readonly bytes: number;
    }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'failed'; readonly error: string };

/** Downloads a list into a file, unpacked, within limits. Never rejects; the file is only complete when the answer is `fresh`. */
export async function download(request: DownloadRequest, file: AtomicFile): Promise<Downloaded> {
  const deadline = new AbortController();
  const { totalMs } = request.limits;
  const timer = setTimeout(() => deadline.abort(new Error(`not done within ${totalMs} ms`)), totalMs);
  let response: GetResponse | null = null;
  try {
    response = await follow(request, deadline.signal);
    return await receive(request, response, file);
  } catch (error) {
    return { kind: 'failed', error: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
    response?.close();
  }
}

/** Makes the request, and those that the server redirects to. Only to http and https, and never from https to http. */
async function follow(request: DownloadRequest, signal: AbortSignal): Promise<GetResponse> {
  let url = new URL(request.url);
  for (let redirects = 0; ; redirects++) {
    if (url.protocol !== 'https:' && url.protocol !== 'http:')
      throw new Error(`${url.protocol} addresses are not downloaded`);
    if (url.username !== '' || url.password !== '')
      throw new Error('an address with a password in it is not downloaded');
    const response = await httpGet(url, {
      ...request.limits,
      headers: requestHeaders(request),
      allowPrivate: request.allowPrivate,
      signal,
    });
    const { status, headers } = response.head;
    const location = headers.get('location');
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return response;
    response.close();
    if (redirects === REDIRECTS_MAX) throw new Error(`more than ${REDIRECTS_MAX} redirects`);
    const next = followable(url, location);
    if (typeof next === 'string') throw new Error(next);
    url = next;
  }
}

/** Where a redirect leads, or why it is not followed. Its scheme and address are checked when it is asked for. */
export function followable(from: URL, location: string): URL | string {
  const next = URL.parse(location, from.href);
  if (next === null) return 'a redirect leads nowhere';
  return from.protocol === 'https:' && next.protocol === 'http:'
    ? 'a redirect leads from https to http'
    : next;
}

function requestHeaders({ etag, lastModified }: DownloadRequest): Record<string, string> {
  return {
    'user-agent': 'resolagent',
    accept: '*/*',
    'accept-encoding': 'gzip, zstd',
    ...(etag === null ? {} : { 'if-none-match': etag }),
    ...(lastModified === null ? {} : { 'if-modified-since': lastModified }),
  };
}

async function receive(
  request: DownloadRequest,
  response: GetResponse,
  file: AtomicFile,
): Promise<Downloaded> {
  const { status, headers } = response.head;
  const conditional = request.etag !== null || request.lastModified !== null;
  if (status === 304 && conditional) return { kind: 'unchanged' };
  if (status !== 200) throw new Error(`the server answered with status ${status}`);
  const { limits } = request;
  const announced = headers.get('content-length');
  const totalBytes = announced === undefined ? null : Number(announced);
  if (totalBytes !== null && totalBytes > limits.wireBytes) {
    throw new Error(`it announces ${totalBytes} bytes, more than the ${limits.wireBytes} that are taken`);
  }
  const wire = counted(response.body, limits.wireBytes, (bytes) => request.onProgress({ bytes, totalBytes }));
  let textBytes = 0;
  for await (const piece of unpackFile(decodeContent(wire, headers.get('content-encoding') ?? ''))) {
    textBytes += piece.length;
    if (textBytes > limits.textBytes) throw new Error(`it unpacks to more than ${limits.textBytes} bytes`);
    if (piece.includes(0)) throw new Error('it is not text');
    file.write(piece);
  }
  return {
    kind: 'fresh',
    etag: kept(headers.get('etag')),
    lastModified: kept(headers.get('last-modified')),
    bytes: textBytes,
  };
}

async function* counted(
  body: AsyncIterable<Uint8Array>,
  most: number,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const piece of body) {
    total += piece.length;
    if (total > most) throw new Error(`it goes on past ${most} bytes`);
    onBytes(total);
    yield piece;
  }
}

/** A validator that can be sent back later: printable and of sensible length. */
function kept(header: string | undefined): string | null {
  return header !== undefined && /^[\x20-\x7e]{1,500}$/.test(header) ? header : null;
}
