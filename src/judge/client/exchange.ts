import type OpenAI from 'openai';
import type { Tokens } from '../../model/inquiry.ts';
import type { ModelRequest } from '../core/model.ts';
import { Assembly } from './assembly.ts';
import { EventReader, type ReplyEvent } from './events.ts';
import { fault, type ModelFault } from './failure.ts';
import { type Feature, type Features, refusedFeature } from './features.ts';
import { type ChatRequest, chatRequest } from './request.ts';
import type { RequestDeadline } from './request-deadline.ts';
import { readSlices, receiveResponse } from './response.ts';

/** Requests made for one reply, each without what the server could not do. */
const TRIES_MAX = 10;
/** Waited for tokens to be counted, and for the end of a stream, once the model has stopped. */
const LINGER_MS = 1_000;
const NO_TOKENS: Tokens = { prompt: 0, completion: 0 };

/** One request of the judge and its reply, over all the HTTP requests that it takes. */
export class Exchange {
  #reply = new Assembly();
  #sentChars = 0;
  #used: ReadonlySet<Feature> = new Set();
  /** The server took it, and so the model has read it. */
  #isSpent = false;
  readonly #refused: Feature[] = [];

  constructor(
    private readonly client: Promise<OpenAI>,
    private readonly model: string,
    private readonly request: ModelRequest,
    private features: Features,
    private readonly deadline: RequestDeadline,
  ) {}

  /** What the server turned out not to have: only what helped counts, for a server may say no for many reasons. */
  get refused(): readonly Feature[] {
    return this.#reply.hasReply ? this.#refused : [];
  }

  /** What the request that was answered made use of. */
  get used(): ReadonlySet<Feature> {
    return this.#used;
  }

  /** What came, so far. */
  get reply(): Assembly {
    return this.#reply;
  }

  get tokens(): Tokens {
    return this.#isSpent ? this.#reply.tokens(this.#sentChars) : NO_TOKENS;
  }

  /** Asks until the server takes the request as it is put; null when a whole reply came. */
  async ask(): Promise<ModelFault | null> {
    for (let tries = 1; ; tries++) {
      const written = chatRequest(this.model, this.request, this.features);
      const ended = await this.#once(written);
      const refusal = this.#reply.hasReply ? null : (ended?.refusal ?? null);
      const missing = refusal === null ? null : refusedFeature(refusal, written.used);
      if (missing === null || tries === TRIES_MAX || this.deadline.fault !== null) return ended;
      this.features = { ...this.features, [missing]: false };
      this.#refused.push(missing);
    }
  }

  /** Why there is no whole reply, null when there is one; `ended` is why nothing more comes: what came before may be whole all the same. */
  failure(ended: ModelFault | null): ModelFault | null {
    const isWhole = ended === null || (ended.why === 'timed_out' && this.#reply.isFinished);
    return isWhole ? this.#reply.unfinished : ended;
  }

  async #once({ params, used }: ChatRequest): Promise<ModelFault | null> {
    this.#reply = new Assembly();
    this.#used = used;
    this.#sentChars = JSON.stringify(params.messages).length;
    this.deadline.begin(!this.features.streaming);
    const client = await this.client;
    const sent = client.chat.completions.create(params, { signal: this.deadline.signal }).asResponse();
    const response = await receiveResponse(sent, client.baseURL, this.deadline);
    if ('why' in response) return response;
    this.#isSpent = true;
    return this.#read(response);
  }

  async #read(response: Response): Promise<ModelFault | null> {
    const reader = new EventReader();
    let bad: ModelFault | null = null;
    let isOver = false;
    const take = (events: readonly ReplyEvent[]): 'more' | 'enough' => {
      for (const event of events) {
        if (event.kind === 'bad') bad = fault(event.why, event.detail);
        if (event.kind === 'json') bad = this.#add(event.value);
        isOver = event.kind === 'done' || bad !== null || this.#reply.isCounted;
        if (isOver) return 'enough';
      }
      return 'more';
    };
    const broke = await readSlices(response, this.deadline, (slice) => take(reader.push(slice)));
    // A reply that is whole stays whole, however its stream ends.
    if (isOver || this.#reply.isFinished) return bad;
    if (broke === null) take(reader.end());
    return bad ?? broke;
  }

  #add(value: unknown): ModelFault | null {
    const reply = this.#reply;
    const { chars, isFinished } = reply;
    const bad = reply.add(value);
    if (reply.isFinished && (!isFinished || reply.chars > chars)) this.deadline.linger(LINGER_MS);
    return bad;
  }
}
