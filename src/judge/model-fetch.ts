import type { RequestWatch } from './model-watch.ts';

/** What of a request to a model goes out; nothing else of the environment does. */
interface Sent {
  readonly method?: string | undefined;
  readonly body?: unknown;
}

/**
 * A fetch for one request to a model: straight to the server and never by a proxy, no redirects (the key must not travel), only our own
 * headers, and every byte of the answer counted by the watch.
 */
export function modelFetch(
  watch: RequestWatch,
  apiKey: string | null,
): (url: string | URL | Request, sent?: Sent) => Promise<Response> {
  return async (url, sent = {}) => {
    const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'resolagent' };
    if (apiKey !== null) headers.authorization = `Bearer ${apiKey}`;
    if (sent.body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(url instanceof Request ? url.url : url, {
      method: sent.method ?? 'GET',
      headers,
      ...(typeof sent.body === 'string' ? { body: sent.body } : {}),
      redirect: 'manual',
      // A connection that the server gave up meanwhile would cost an inquiry.
      keepalive: false,
      signal: watch.signal,
      // Bun's own: false keeps the environment's proxy out.
      proxy: false as unknown as string,
    });
    const counted = response.body?.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(bytes, out) {
          watch.heard(bytes.length);
          out.enqueue(bytes);
        },
      }),
    );
    return new Response(counted ?? null, {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
    });
  };
}
