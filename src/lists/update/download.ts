import type { AtomicFile } from '../../files/atomic-file.ts';
import { decodeContent } from '../../net/content-encoding.ts';
import type { GetResponse } from '../../net/http-get.ts';
import { reachable } from '../../net/reachable.ts';
import { followRedirects } from '../../net/redirects.ts';
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
  const walked = await followRedirects<string>(new URL(request.url), {
    ...request.limits,
    headers: requestHeaders(request),
    redirectsMax: REDIRECTS_MAX,
    protocols: ['https:', 'http:'],
    signal,
    admit: async ({ hostname }) => {
      const where = await reachable(hostname, { allowPrivate: request.allowPrivate });
      return where.kind === 'ok' ? where : { refused: where.why };
    },
  });
  switch (walked.kind) {
    case 'answer':
      return walked.response;
    case 'failed':
      throw walked.error;
    case 'barred':
      throw new Error(`${walked.url.protocol}//${walked.url.host} ${walked.why}`);
    default:
      throw new Error(walked.why);
  }
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
