import type OpenAI from 'openai';
import { cleanText } from '../../model/clean.ts';
import type { ModelAnswer, ModelLimits, ModelPort, ModelRequest } from '../core/model.ts';
import { type ReplyMessage, readReply } from '../reply/reply.ts';
import { Exchange } from './exchange.ts';
import { ALL_FEATURES, type Features } from './features.ts';
import { Redactor } from './redactor.ts';
import { RequestDeadline } from './request-deadline.ts';
import { type Destination, openClient } from './transport.ts';

/** Calls that are told apart within one conversation. */
const IDS_MAX = 100_000;

/** A model at a server. */
export interface ModelOptions extends Destination {
  readonly model: string;
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
  readonly #redactor: Redactor;
  #client: Promise<OpenAI> | null = null;
  #features: Features;
  #ids = 0;

  constructor(private readonly options: ModelOptions) {
    this.#redactor = new Redactor(options.apiKey);
    this.#features = { ...ALL_FEATURES, ...options.features };
  }

  get features(): Features {
    return this.#features;
  }

  async ask(request: ModelRequest, limits: ModelLimits, signal: AbortSignal): Promise<ModelAnswer> {
    const startedMs = performance.now();
    const deadline = new RequestDeadline(limits, signal);
    this.#client ??= openClient(this.options);
    const exchange = new Exchange(this.#client, this.options.model, request, this.#features, deadline);
    try {
      const ended = await deadline.within(exchange.ask());
      for (const feature of exchange.refused) this.#lacks(feature);
      const spent = { tokens: exchange.tokens, ms: Math.round(performance.now() - startedMs) };
      const failed = exchange.failure(ended);
      if (failed === null) return { ...this.#read(exchange), ...spent };
      const detail = cleanText(this.#redactor.ofDetail(failed.detail));
      return { kind: 'failed', why: failed.why, detail, ...spent };
    } finally {
      deadline.close();
    }
  }

  #read({ reply, used }: Exchange): Omit<Extract<ModelAnswer, { kind: 'reply' }>, 'tokens' | 'ms'> {
    // Nine letters and digits: the only ids that the templates of Mistral's models take.
    const message = reply.message(() => `call${String(this.#ids++ % IDS_MAX).padStart(5, '0')}`);
    const read = readReply(this.#redacted(message));
    // Some servers put an answer under a schema into the model's thoughts (lmstudio-bug-tracker#1698): without it they do well.
    if (read.kind === 'unreadable' && used.has('schemaWithTools')) this.#lacks('schemaWithTools');
    const dialect = message.toolCalls.length > 0 ? 'native' : 'text';
    return { kind: 'reply', reply: read, dialect, streamed: reply.isStreamed };
  }

  #lacks(feature: keyof Features): void {
    this.#features = { ...this.#features, [feature]: false };
  }

  #redacted({ content, reasoning, toolCalls }: ReplyMessage): ReplyMessage {
    const redact = (text: string | null | undefined): string => this.#redactor.ofReply(text ?? '');
    const calls = toolCalls.map(({ id, name, arguments: args }) => ({
      id: redact(id),
      name: redact(name),
      arguments: redact(args),
    }));
    return { content: redact(content), reasoning: redact(reasoning), toolCalls: calls };
  }
}
