import { cleanText } from '../../model/clean.ts';
import type { ToldFailure } from '../../model/inquiry.ts';
import type { ModelAnswer, ModelLimits, ModelPort, ModelRequest } from '../core/model.ts';
import { type ReplyMessage, readReply } from '../reply/reply.ts';
import { type Exchanged, exchange } from './exchange.ts';
import type { ModelFault } from './failure.ts';
import { ALL_FEATURES, type Features, refusedFeature } from './features.ts';
import { Redactor } from './redactor.ts';
import { chatRequest } from './request.ts';
import { RequestDeadline } from './request-deadline.ts';
import { exchangeAgain } from './retries.ts';
import type { Destination } from './transport.ts';

/** Requests made for one reply, each without what the server could not do. */
const TRIES_MAX = 10;

/** A model at a server. */
export interface ModelOptions extends Destination {
  readonly model: string;
  /** What is known of the server; all is tried when not given. */
  readonly features?: Partial<Features>;
  /** Whether a request that failed in passing is made again while there is time; it is when not given. */
  readonly retries?: boolean;
}

/**
 * A model behind an OpenAI-compatible server, by streaming. What the server cannot do (native tools, schemas, a parameter) is left out
 * from then on; the same request is made again within its time. Nothing in the environment changes what is sent.
 */
export class Model implements ModelPort {
  readonly #redactor: Redactor;
  #features: Features;

  constructor(private readonly options: ModelOptions) {
    this.#redactor = new Redactor(options.apiKey);
    this.#features = { ...ALL_FEATURES, ...options.features };
  }

  /** What its server turned out to have. */
  get features(): Features {
    return this.#features;
  }

  async ask(request: ModelRequest, limits: ModelLimits, signal: AbortSignal): Promise<ModelAnswer> {
    const deadline = new RequestDeadline(limits, signal);
    const make = (): Promise<Exchanged> => this.#exchange(request, deadline);
    const asked = exchangeAgain(make, deadline, this.options.retries ?? true);
    const { reply, fault, ...more } = await asked.finally(() => deadline.close());
    const retried = more.retried.map((one) => this.#told(one));
    const spent = { tokens: more.tokens, ms: Math.round(more.ms), retried };
    if (fault !== null) return { kind: 'failed', ...this.#told(fault), ...spent };
    const { message, parts } = reply;
    const read = readReply(this.#redacted(message));
    // Some servers put an answer under a schema into the model's thoughts (lmstudio-bug-tracker#1698): without it they do well.
    if (read.kind === 'unreadable' && request.tools.length > 0) {
      this.#features = { ...this.#features, schemaWithTools: false };
    }
    const dialect = message.toolCalls.length > 0 ? 'native' : 'text';
    return { kind: 'reply', reply: read, dialect, streamed: parts > 1, ...spent };
  }

  /** Asks until the server takes the request as it is put. Only what helped is learnt, for a server may say no for many reasons. */
  async #exchange(request: ModelRequest, deadline: RequestDeadline): Promise<Exchanged> {
    const { model } = this.options;
    let lacking: Partial<Features> = {};
    for (let tries = 1; ; tries++) {
      const { params, used } = chatRequest(model, request, { ...this.#features, ...lacking });
      const came = await exchange(this.options, params, deadline);
      if (came.reply.hasReply) this.#features = { ...this.#features, ...lacking };
      const missing = came.reply.hasReply ? null : refusedFeature(came.fault, used);
      if (missing === null || tries === TRIES_MAX || deadline.why !== null) return came;
      lacking = { ...lacking, [missing]: false };
    }
  }

  #told({ why, detail }: ModelFault): ToldFailure {
    return { why, detail: cleanText(this.#redactor.ofDetail(detail)) };
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
