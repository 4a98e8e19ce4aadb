import type OpenAI from 'openai';

/** The package sets a time limit of its own, which must not be the shorter one. */
const NEVER_MS = 3_600_000;
/** It insists on a key. What is sent to the server is ours: its key, or none. */
const NO_KEY = 'unused';
/** Read by the package when a client is made; a header in it that is none would make it throw. */
const HEADERS_VARIABLE = 'OPENAI_CUSTOM_HEADERS';

/** A client of an API that sends by `send`. The package is loaded with the first: other commands do without it. */
export async function openAiClient(apiUrl: string, send: typeof fetch): Promise<OpenAI> {
  const { OpenAI: Client } = await import('openai');
  const held = process.env[HEADERS_VARIABLE];
  if (held !== undefined) delete process.env[HEADERS_VARIABLE];
  try {
    // Whatever is not given here is taken from the environment.
    return new Client({
      baseURL: apiUrl,
      apiKey: NO_KEY,
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      maxRetries: 0,
      timeout: NEVER_MS,
      logLevel: 'off',
      fetch: send,
    });
  } finally {
    if (held !== undefined) process.env[HEADERS_VARIABLE] = held;
  }
}
