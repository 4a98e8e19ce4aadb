import type OpenAI from 'openai';
import type { ModelAnswer, Tokens } from './judge-types.ts';
import { failureOf, type ModelFault } from './model-failure.ts';
import { modelFetch } from './model-fetch.ts';
import { ReplyPieces } from './model-stream.ts';
import { RequestWatch } from './model-watch.ts';
import { ALL_FEATURES, type Features, requestBody, without } from './model-wire.ts';
import { readReply } from './reply.ts';
import type { ModelLimits, ModelPort, ModelRequest } from './runner.ts';

/** The longest answer of a server, with all that a stream wraps around its pieces. */
const ANSWER_MAX_BYTES = 8_388_608;
/** Requests made for one reply, each without what the server could not do. */
const TRIES_MAX = 5;
const NO_TOKENS: Tokens = { prompt: 0, completion: 0 };

/** A model at a server. */
export interface ModelOptions {
  /** Up to and with `/v1`. */
  readonly apiUrl: string;
  readonly model: string;
  readonly apiKey: string | null;
  /** What is known of the server; all is tried when not given. */
  readonly features?: Partial<Features>;
}

/** A model that can be asked, and what its server turned out to have. */
export interface Model extends ModelPort {
  readonly features: Features;
}

/**
 * A model behind an OpenAI-compatible server, by streaming. What the server cannot do (native tools, schemas, a parameter) is left out
 * from then on; the same request is made again within its time. Nothing in the environment changes what is sent.
 */
export function openModel(options: ModelOptions): Model {
  return new ServerModel(options);
}

class ServerModel implements Model {
  features: Features;

  constructor(private readonly options: ModelOptions) {
    this.features = { ...ALL_FEATURES, ...options.features };
  }

  async ask(request: ModelRequest, limits: ModelLimits, signal: AbortSignal): Promise<ModelAnswer> {
    const startedMs = performance.now();
    const watch = new RequestWatch(limits, ANSWER_MAX_BYTES, signal);
    const spent = (): number => Math.round(performance.now() - startedMs);
    try {
      let { features } = this;
      for (let tries = 1; ; tries++) {
        const pieces = new ReplyPieces();
        const fault = await this.#try(request, features, watch, pieces);
        if (fault === null) {
          // Only what helped is remembered: a model that is not there is no lack of features.
          this.features = features;
          return replyOf(pieces, request, spent());
        }
        const { why, detail, isFeature } = fault;
        const fewer = isFeature && tries < TRIES_MAX ? without(features, detail, request) : null;
        if (fewer === null)
          return { kind: 'failed', why, detail, tokens: tokensOf(pieces, request), ms: spent() };
        features = fewer;
        watch.again();
      }
    } finally {
      watch.close();
    }
  }

  /** One request; null when the reply is whole. */
  async #try(
    request: ModelRequest,
    features: Features,
    watch: RequestWatch,
    pieces: ReplyPieces,
  ): Promise<ModelFault | null> {
    const { apiKey } = this.options;
    try {
      const client = await clientOf(this.options, watch);
      const body = requestBody(this.options.model, request, features);
      const response = await client.chat.completions.create(body).asResponse();
      for await (const chunk of await chunksOf(response)) {
        if (!pieces.add(chunk)) return { why: 'too_long', detail: 'the reply is too long', isFeature: false };
      }
      return unfinished(pieces);
    } catch (error) {
      return failureOf(error, watch.ended, apiKey);
    }
  }
}

/** A client for one request. The package is loaded when the first is made: other commands need none of it. */
async function clientOf({ apiUrl, apiKey }: ModelOptions, watch: RequestWatch): Promise<OpenAI> {
  const { OpenAI: Client } = await import('openai');
  return new Client({
    baseURL: apiUrl,
    // Sent by our own fetch, so that none is sent where there is none.
    apiKey: 'unused',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    // The watch ends requests; the package's own limit lies behind it.
    timeout: 3_600_000,
    logLevel: 'off',
    fetch: modelFetch(watch, apiKey) as never,
  });
}

/** The pieces of an answer, also of one that came in one piece although a stream was asked for. */
async function chunksOf(
  response: Response,
): Promise<AsyncIterable<OpenAI.Chat.Completions.ChatCompletionChunk>> {
  const type = response.headers.get('content-type') ?? '';
  if (/^application\/json\b/i.test(type)) {
    const whole: unknown = await response.json();
    return (async function* () {
      if (typeof whole === 'object' && whole !== null)
        yield whole as OpenAI.Chat.Completions.ChatCompletionChunk;
    })();
  }
  const { Stream } = await import('openai/streaming');
  return Stream.fromSSEResponse(response, new AbortController());
}

/** What is missing of a reply; null when it is whole. Half a verdict could mean its opposite. */
function unfinished({ finish }: ReplyPieces): ModelFault | null {
  if (finish === 'length')
    return { why: 'too_long', detail: 'the reply was cut at its limit of tokens', isFeature: false };
  if (finish === 'content_filter')
    return { why: 'broken', detail: 'the server filtered the reply', isFeature: false };
  if (finish === null) return { why: 'broken', detail: 'the answer ended in the middle', isFeature: false };
  return null;
}

function replyOf(pieces: ReplyPieces, request: ModelRequest, ms: number): ModelAnswer {
  const message = pieces.message();
  const dialect = message.toolCalls.length > 0 ? 'native' : 'text';
  const { streamed } = pieces;
  return {
    kind: 'reply',
    reply: readReply(message),
    dialect,
    streamed,
    tokens: tokensOf(pieces, request),
    ms,
  };
}

function tokensOf(pieces: ReplyPieces, request: ModelRequest): Tokens {
  if (pieces.finish === null && pieces.message().content === '') return NO_TOKENS;
  return pieces.tokens(request.messages.reduce((chars, message) => chars + message.text.length, 0));
}
