import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import type { Tokens } from '../../model/inquiry.ts';
import type { ModelRequest } from '../core/model.ts';
import { Assembly } from './assembly.ts';
import { readBody, requestAnswer } from './body.ts';
import { EventReader, type ReplyEvent } from './events.ts';
import { fault, type ModelFault } from './failure.ts';
import { type Feature, type Features, refusedFeature } from './features.ts';
import { openAiClient } from './package.ts';
import { chatRequest } from './request.ts';
import type { RequestDeadline } from './request-deadline.ts';
import type { Destination } from './send.ts';

/** Requests made for one reply, each without what the server could not do. */
const TRIES_MAX = 8;
/** Waited for tokens to be counted, and for the end of a stream, once the model has stopped. */
const LINGER_MS = 1_000;
const NO_TOKENS: Tokens = { prompt: 0, completion: 0 };

/** A model at a server. */
export interface ModelOptions extends Destination {
  /** Up to and with `/v1`. */
  readonly apiUrl: string;
  readonly model: string;
  /** What is known of the server; all is tried when not given. */
  readonly features?: Partial<Features>;
}

/** One question, over all the requests that it takes. */
export class Question {
  #reply = new Assembly();
  #sentChars = 0;
  /** The server took it, and so the model has read it. */
  #isSpent = false;
  readonly #refused: Feature[] = [];

  constructor(
    private readonly options: ModelOptions,
    private readonly request: ModelRequest,
    private features: Features,
    private readonly watch: RequestDeadline,
  ) {}

  /** What the server turned out not to have: only what helped counts, for a server may say no for many reasons. */
  get refused(): readonly Feature[] {
    return this.#reply.hasReply ? this.#refused : [];
  }

  /** Asks until the server takes the question as it is put; null when a whole reply came. */
  async ask(): Promise<ModelFault | null> {
    for (let tries = 1; ; tries++) {
      const { params, used } = chatRequest(this.options.model, this.request, this.features);
      this.#sentChars = JSON.stringify(params.messages).length;
      const ended = await this.#once(params);
      const refusal = this.#reply.hasReply ? null : (ended?.refusal ?? null);
      const missing = refusal === null ? null : refusedFeature(refusal, used);
      if (missing === null || tries === TRIES_MAX || this.watch.fault !== null) return ended;
      this.features = { ...this.features, [missing]: false };
      this.#refused.push(missing);
    }
  }

  /** What came, so far. */
  get reply(): Assembly {
    return this.#reply;
  }

  get tokens(): Tokens {
    return this.#isSpent ? this.#reply.tokens(this.#sentChars) : NO_TOKENS;
  }

  /** Why there is no whole reply, null when there is one; `ended` is why nothing more comes: what came before may be whole all the same. */
  failure(ended: ModelFault | null): ModelFault | null {
    const isWhole = ended === null || (ended.why === 'timed_out' && this.#reply.isFinished);
    return isWhole ? this.#reply.unfinished : ended;
  }

  async #once(params: ChatCompletionCreateParams): Promise<ModelFault | null> {
    this.#reply = new Assembly();
    this.watch.begin(!this.features.streaming);
    const answer = await this.#post(params);
    if ('why' in answer) return answer;
    this.#isSpent = true;
    return this.#read(answer);
  }

  /** The package writes the request; our own fetch sends it, and sees what comes of it. */
  async #post(params: ChatCompletionCreateParams): Promise<Response | ModelFault> {
    let sent: Response | ModelFault | null = null;
    const send = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
      const body = typeof init?.body === 'string' ? init.body : '';
      sent = await requestAnswer(String(url), body, this.options, this.watch);
      if ('why' in sent) throw new Error('no answer');
      return sent;
    };
    const client = await openAiClient(this.options.apiUrl.replace(/\/+$/, ''), send as typeof fetch);
    try {
      return await client.chat.completions.create(params).asResponse();
    } catch (error) {
      return sent ?? fault('broken', `the request was not made: ${String(error)}`);
    }
  }

  async #read(answer: Response): Promise<ModelFault | null> {
    const reader = new EventReader();
    let bad: ModelFault | null = null;
    const take = (events: readonly ReplyEvent[]): 'more' | 'enough' => {
      for (const event of events) {
        if (event.kind === 'done') return 'enough';
        bad = event.kind === 'bad' ? fault(event.why, event.detail) : this.#add(event.value);
        if (bad !== null || this.#reply.isCounted) return 'enough';
      }
      return 'more';
    };
    let isOver = false;
    const broke = await readBody(answer, this.watch, (bytes) => {
      const taken = take(reader.push(bytes));
      isOver = taken === 'enough';
      return taken;
    });
    if (bad !== null) return bad;
    // A reply that is whole stays whole, however its stream ends.
    if (isOver || this.#reply.isFinished) return null;
    if (broke === null) take(reader.end());
    return bad ?? broke;
  }

  #add(value: unknown): ModelFault | null {
    const reply = this.#reply;
    const { chars, isFinished } = reply;
    const bad = reply.add(value);
    if (reply.isFinished && (!isFinished || reply.chars > chars)) this.watch.linger(LINGER_MS);
    return bad;
  }
}
