import type OpenAI from 'openai';

/** What the package is given in place of a key: it insists on one, and needs none, for the key is added where requests are sent. */
const NO_KEY = 'unused';
/** The package's own limit of time, which must not be the shorter one. */
const NEVER_MS = 3_600_000;

/** Where requests go, and with what. */
export interface Destination {
  /** Up to and with `/v1`. */
  readonly apiUrl: string;
  readonly apiKey: string | null;
  /** Certificates (PEM) to trust in place of the well-known ones; for tests. */
  readonly ca?: string | undefined;
}

/**
 * What came of a request that is no success, on its way past the package: an answer, of which that would read everything, however long
 * and slow; or why there is none.
 */
export class Unsuccessful extends Error {
  constructor(readonly outcome: unknown) {
    super('no success');
  }
}

/**
 * The package's client of a server: it makes the requests and knows their types; `sendRequest` sends them. It never tries again, logs or
 * follows, and nothing of the environment gets into it. Loaded with the first client (14 MB), which a machine without a model never needs.
 */
export async function openClient(destination: Destination): Promise<OpenAI> {
  const { OpenAI: Client } = await import('openai');
  // The one thing that no option keeps out; a header in it that is none makes the package throw.
  delete process.env.OPENAI_CUSTOM_HEADERS;
  return new Client({
    baseURL: baseUrl(destination),
    apiKey: NO_KEY,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: NEVER_MS,
    logLevel: 'off',
    fetch: async (url, init) => {
      const sent = sendRequest(String(url), destination, init?.signal ?? null, String(init?.body));
      const outcome = await sent.catch((error: unknown) => error);
      if (outcome instanceof Response && outcome.ok) return outcome;
      throw new Unsuccessful(outcome);
    },
  });
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
  signal: AbortSignal | null,
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
