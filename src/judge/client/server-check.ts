import { cleanText } from '../../model/clean.ts';
import { boundedJson } from '../../net/bounded-json.ts';
import type { JudgeCheck } from '../../schema/judge.ts';
import type { ModelAnswer, ModelReply, ToolSpec } from '../core/model.ts';
import { type Model, type ModelOptions, openModel } from './client.ts';
import { listModels } from './server-list.ts';

/** How long a check waits, milliseconds. */
export interface CheckLimits {
  readonly listMs: number;
  /** A local model that is not loaded yet takes its time for the first reply. */
  readonly firstReplyMs: number;
  readonly replyMs: number;
}

const CHECK_LIMITS: CheckLimits = { listMs: 5_000, firstReplyMs: 30_000, replyMs: 12_000 };
/** Thinking models need room before they answer. */
const REPLY_TOKENS = 2_048;

/** Whether a server is there; `detail` is for a person. */
export interface ServerAlive {
  readonly kind: 'alive' | 'refused' | 'unreachable';
  readonly detail: string;
}

type Finding = JudgeCheck['reachable'];

/** Asks whether a server is there. Never rejects, and ends by its limit. */
export async function isAlive(server: ModelOptions, limitMs: number): Promise<ServerAlive> {
  const { kind, detail } = await listModels(server, limitMs, new AbortController().signal);
  return { kind, detail: kind === 'refused' ? `the server does not take the key: ${detail}` : detail };
}

/** Finds out what a server and its model can do, in a little more than a minute at most. Never rejects. */
export async function checkServer(
  server: ModelOptions,
  signal: AbortSignal,
  limits: CheckLimits = CHECK_LIMITS,
): Promise<JudgeCheck> {
  const { kind, models, ms, detail } = await listModels(server, limits.listMs, signal);
  const isThere = kind === 'alive';
  const tried = isThere ? await tryModel(server, signal, limits) : NOTHING_TRIED;
  const { completion, nativeTools, structured, textProtocol } = tried;
  return {
    at: Date.now(),
    apiUrl: server.apiUrl,
    model: server.model,
    models: [...models],
    reachable: { ok: isThere, ms, detail },
    ...tried,
    usable: completion.ok && (nativeTools.ok || structured.ok || textProtocol.ok),
  };
}

type Tried = Pick<JudgeCheck, 'completion' | 'streaming' | 'nativeTools' | 'structured' | 'textProtocol'>;

const NOT_TRIED: Finding = { ok: false, ms: null, detail: 'not tried' };
const NOTHING_TRIED: Tried = {
  completion: NOT_TRIED,
  streaming: NOT_TRIED,
  nativeTools: NOT_TRIED,
  structured: NOT_TRIED,
  textProtocol: NOT_TRIED,
};

const HELLO = 'Reply with the words: the model is ready.';
const CALL = 'Call the tool HISTORY with the domain example.com. Do nothing else.';
/** Says nothing of JSON, so that only a server that keeps to the schema answers in it. */
const JUDGE = 'The domain example.com is reserved for documentation. Is it safe? Give your verdict.';
const WRITE =
  'Reply with this JSON object and nothing else: {"tool":"HISTORY","args":{"domain":"example.com"}}';
const PROBE_TOOL: ToolSpec = {
  name: 'HISTORY',
  description: 'What this machine has seen of a domain.',
  parameters: { type: 'object', properties: { domain: { type: 'string' } }, required: ['domain'] },
};

async function tryModel(server: ModelOptions, signal: AbortSignal, limits: CheckLimits): Promise<Tried> {
  const plain = openModel({ ...server, features: { tools: false, schema: false } });
  const hello = await ask(plain, HELLO, [], limits.firstReplyMs, signal);
  if (hello.kind === 'failed') return { ...NOTHING_TRIED, completion: failed(hello) };
  // What it lacks for any request is known by now. Whether it calls natively is looked at without a schema, which could forbid it.
  const features = { ...plain.features, tools: true, schema: true, schemaWithTools: false };
  const able = openModel({ ...server, features });
  const called = await ask(able, CALL, [PROBE_TOOL], limits.replyMs, signal);
  const judged = await ask(able, JUDGE, [], limits.replyMs, signal);
  const written = await ask(plain, WRITE, [PROBE_TOOL], limits.replyMs, signal);
  const isStreamed = [hello, called, judged, written].some((one) => one.kind === 'reply' && one.streamed);
  const isCalled = called.kind === 'reply' && called.dialect === 'native' && isCall(called);
  return {
    completion: { ok: true, ms: hello.ms, detail: `${hello.tokens.completion} tokens` },
    streaming: {
      ok: isStreamed === true,
      ms: hello.ms,
      detail: isStreamed === true ? 'piece by piece' : IN_ONE_PIECE,
    },
    nativeTools: finding(called, isCalled, able.features.tools),
    structured: finding(judged, isStructured(judged), able.features.schema),
    textProtocol: finding(written, isCall(written), true),
  };
}

const IN_ONE_PIECE = 'in one piece: a slow reply cannot be told from a dead server';

function isCall(answer: ModelAnswer): boolean {
  return (
    answer.kind === 'reply' &&
    answer.reply.kind === 'calls' &&
    answer.reply.calls[0]?.tool === PROBE_TOOL.name
  );
}

function isStructured(answer: ModelAnswer): boolean {
  return (
    answer.kind === 'reply' && answer.reply.kind === 'verdict' && boundedJson(answer.reply.said) !== undefined
  );
}

function failed({ why, detail, ms }: Extract<ModelAnswer, { kind: 'failed' }>): Finding {
  return { ok: false, ms, detail: `${why}: ${detail}` };
}

/** Said of what a server refuses; what merely failed may work the next time. */
export const NOT_TAKEN = 'the server does not take it';

function finding(answer: ModelAnswer, did: boolean, taken: boolean): Finding {
  const { ms } = answer;
  if (answer.kind === 'failed') return failed(answer);
  if (!taken) return { ok: false, ms, detail: NOT_TAKEN };
  if (did) return { ok: true, ms, detail: `${answer.tokens.completion} tokens` };
  return { ok: false, ms, detail: cleanText(MET[answer.reply.kind](answer.reply)) };
}

/** What was met in place of what was asked for. */
const MET = {
  calls: () => 'it made another call, or did not call as it was asked to',
  verdict: () => 'it gave a verdict, not in the form it was asked for',
  unreadable: (reply: ModelReply) => (reply.kind === 'unreadable' ? reply.why : ''),
};

function ask(
  model: Model,
  text: string,
  tools: readonly ToolSpec[],
  totalMs: number,
  signal: AbortSignal,
): Promise<ModelAnswer> {
  const limits = { totalMs, firstByteMs: totalMs, idleMs: totalMs };
  return model.ask({ messages: [{ role: 'user', text }], tools, maxTokens: REPLY_TOKENS }, limits, signal);
}
