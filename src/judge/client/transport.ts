import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';

/** Where requests go, and with what. */
export interface Destination {
  /** Up to and with `/v1`. */
  readonly apiUrl: string;
  readonly apiKey: string | null;
  /** Certificates (PEM) to trust in place of the well-known ones; for tests. */
  readonly ca?: string | undefined;
}

/**
 * Sends a chat request as the `openai` package writes it. The package does no more than that: of an error it would read everything,
 * however long and slow, and events in the square of their number. Loaded with the first request (14 MB), which a machine without a
 * model never makes. Rejects as fetch does.
 */
export async function sendChat(
  destination: Destination,
  params: ChatCompletionCreateParams,
  signal: AbortSignal,
): Promise<Response> {
  const { OpenAI } = await import('openai');
  // The one thing that no option keeps out; a header in it that is none makes the package throw.
  delete process.env.OPENAI_CUSTOM_HEADERS;
  let written = { url: '', body: '' };
  const writer = new OpenAI({
    baseURL: baseUrl(destination),
    // It insists on one; the key is added where requests are sent.
    apiKey: 'unused',
    maxRetries: 0,
    logLevel: 'off',
    fetch: async (url, init) => {
      written = { url: String(url), body: String(init?.body) };
      return new Response();
    },
  });
  await writer.chat.completions.create(params).asResponse();
  return sendRequest(written.url, destination, signal, written.body);
}

/** The address of an API, without what some put at its end. */
export function baseUrl({ apiUrl }: Destination): string {
  return apiUrl.replace(/\/+$/, '');
}

/**
 * Sends one request, a GET without a body: straight to the server, whatever proxy the environment names; with no headers but ours, no
 * compression, no redirects, for the key must not travel; with certificates checked whatever the environment says, over a connection of
 * its own, which ends with the signal. Rejects as fetch does.
 */
export function sendRequest(
  url: string,
  { apiKey, ca }: Destination,
  signal: AbortSignal,
  body: string | null = null,
): Promise<Response> {
  const request = {
    method: body === null ? 'GET' : 'POST',
    headers: {
      accept: body === null ? 'application/json' : 'text/event-stream, application/json',
      'accept-encoding': 'identity',
      connection: 'close',
      'user-agent': 'resolagent',
      ...(body === null ? {} : { 'content-type': 'application/json' }),
      ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
    },
    body,
    redirect: 'manual' as const,
    signal,
    // From here on they are Bun's own. Only `false` keeps the environment's proxy out, which its types do not know.
    proxy: false as unknown as string,
    decompress: false,
    // A connection that a server has closed in the meantime would look like a server that is gone.
    keepalive: false,
    verbose: false,
    tls: { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) },
  };
  return fetch(url, request);
}
