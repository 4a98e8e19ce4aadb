import { cleanText } from '../../model/clean.ts';
import type { ModelAnswer, ModelLimits, ModelPort, ModelRequest } from '../core/model.ts';
import { readReply } from '../reply/reply.ts';
import type { Assembly } from './assembly.ts';
import { type ModelOptions, Question } from './exchange.ts';
import { fault } from './failure.ts';
import { ALL_FEATURES, type Features } from './features.ts';
import { Redactor } from './redactor.ts';
import { RequestDeadline } from './request-deadline.ts';

/** Calls that are told apart within one conversation. */
const IDS_MAX = 100_000;

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
  readonly #cutter: Redactor;
  #features: Features;
  #ids = 0;

  constructor(private readonly options: ModelOptions) {
    this.#cutter = new Redactor(options.apiKey);
    this.#features = { ...ALL_FEATURES, ...options.features };
  }

  get features(): Features {
    return this.#features;
  }

  async ask(request: ModelRequest, limits: ModelLimits, signal: AbortSignal): Promise<ModelAnswer> {
    const startedMs = performance.now();
    const watch = new RequestDeadline(limits, signal);
    const question = new Question(this.options, request, this.#features, watch);
    try {
      // A fault of ours; the inquiry ends as with a model that fails.
      const asked = question.ask().catch((error) => fault('broken', `the client failed: ${String(error)}`));
      const ended = await Promise.race([asked, watch.over]);
      for (const feature of question.refused) this.#features = { ...this.#features, [feature]: false };
      const ms = Math.round(performance.now() - startedMs);
      const failed = question.failure(ended);
      if (failed === null) return { ...this.#reply(question.reply), tokens: question.tokens, ms };
      const detail = cleanText(this.#cutter.ofDetail(failed.detail));
      return { kind: 'failed', why: failed.why, detail, tokens: question.tokens, ms };
    } finally {
      watch.close();
    }
  }

  #reply(
    reply: Assembly,
  ): Pick<Extract<ModelAnswer, { kind: 'reply' }>, 'kind' | 'reply' | 'dialect' | 'streamed'> {
    const cut = (text: string): string => this.#cutter.ofReply(text);
    // Nine letters and digits: the only ids that the templates of Mistral's models take.
    const freshId = (): string => `call${String(this.#ids++ % IDS_MAX).padStart(5, '0')}`;
    const { content, reasoning, toolCalls } = reply.message(freshId);
    const message = {
      content: cut(content ?? ''),
      reasoning: cut(reasoning ?? ''),
      toolCalls: toolCalls.map((call) => ({
        id: cut(call.id),
        name: cut(call.name),
        arguments: cut(call.arguments),
      })),
    };
    const dialect = toolCalls.length > 0 ? 'native' : 'text';
    return { kind: 'reply', reply: readReply(message), dialect, streamed: reply.isStreamed };
  }
}
