/** Where a request goes, and with what. */
export interface Destination {
  readonly apiKey: string | null;
  /** Certificates (PEM) to trust in place of the well-known ones; for tests. */
  readonly ca?: string | undefined;
}

/**
 * Sends one request: straight to the server, whatever proxy the environment names; with no headers but ours, no compression, no
 * redirects, for the key must not travel; with certificates checked whatever the environment says, over a connection of its own, which
 * ends with the signal. Rejects as fetch does.
 */
export function sendRequest(
  url: string,
  body: string | null,
  { apiKey, ca }: Destination,
  signal: AbortSignal,
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
    ...(body === null ? {} : { body }),
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
