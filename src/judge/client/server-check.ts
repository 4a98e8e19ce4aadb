import { boundedJson } from '../../net/bounded-json.ts';
import type { JudgeCheck } from '../../schema/judge.ts';
import type { ModelAnswer, ToolSpec } from '../core/model.ts';
import { Model, type ModelOptions } from './client.ts';
import { type Listed, listModels } from './server-list.ts';

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

/** Said of what a server refuses; what merely failed may work the next time. */
export const NOT_TAKEN = 'the server does not take it';
const IN_ONE_PIECE = 'in one piece: a slow reply cannot be told from a dead server';
/** What was met in place of what was asked for. */
const MET = {
  calls: 'it made another call, or did not call as it was asked to',
  verdict: 'it gave a verdict, not in the form it was asked for',
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

/** Whether a server is there; `detail` is for a person. */
export type ServerAlive = Pick<Listed, 'kind' | 'detail'>;

type Finding = JudgeCheck['reachable'];
type Tried = Pick<JudgeCheck, 'completion' | 'streaming' | 'nativeTools' | 'structured' | 'textProtocol'>;

const NONE: Finding = { ok: false, ms: null, detail: 'not tried' };
const NOT_TRIED: Tried = {
  completion: NONE,
  streaming: NONE,
  nativeTools: NONE,
  structured: NONE,
  textProtocol: NONE,
};

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
  const { apiUrl, model } = server;
  const { kind, models, ms, detail } = await listModels(server, limits.listMs, signal);
  const isThere = kind === 'alive';
  const tried = isThere ? await tryModel(server, signal, limits) : NOT_TRIED;
  const { completion, nativeTools, structured, textProtocol } = tried;
  const usable = completion.ok && (nativeTools.ok || structured.ok || textProtocol.ok);
  const reachable = { ok: isThere, ms, detail };
  return { at: Date.now(), apiUrl, model, models: [...models], reachable, ...tried, usable };
}

async function tryModel(server: ModelOptions, signal: AbortSignal, limits: CheckLimits): Promise<Tried> {
  const ask = (model: Model, text: string, tools: readonly ToolSpec[], totalMs = limits.replyMs) =>
    model.ask(
      { messages: [{ role: 'user', text }], tools, maxTokens: REPLY_TOKENS },
      { totalMs, firstByteMs: totalMs, idleMs: totalMs },
      signal,
    );
  // It tells what it met: who runs it can do so again.
  const once = { ...server, retries: false };
  const plain = new Model({ ...once, features: { tools: false, schema: false } });
  const hello = await ask(plain, HELLO, [], limits.firstReplyMs);
  const completion = finding(hello, () => true);
  if (!completion.ok) return { ...NOT_TRIED, completion };
  // What it lacks for any request is known by now. Whether it calls natively is looked at without a schema, which could forbid it.
  const features = { ...plain.features, tools: true, schema: true, schemaWithTools: false };
  const able = new Model({ ...once, features });
  const called = await ask(able, CALL, [PROBE_TOOL]);
  const judged = await ask(able, JUDGE, []);
  const written = await ask(plain, WRITE, [PROBE_TOOL]);
  const isStreamed = [hello, called, judged, written].some((one) => one.kind === 'reply' && one.streamed);
  return {
    completion,
    streaming: { ok: isStreamed, ms: hello.ms, detail: isStreamed ? 'piece by piece' : IN_ONE_PIECE },
    nativeTools: finding(called, isNativeCall, able.features.tools),
    structured: finding(judged, isStructured, able.features.schema),
    textProtocol: finding(written, isCall),
  };
}

type Reply = Extract<ModelAnswer, { kind: 'reply' }>;

const isCall = ({ reply }: Reply): boolean =>
  reply.kind === 'calls' && reply.calls[0]?.tool === PROBE_TOOL.name;
const isNativeCall = (answer: Reply): boolean => answer.dialect === 'native' && isCall(answer);
const isStructured = ({ reply }: Reply): boolean =>
  reply.kind === 'verdict' && boundedJson(reply.said) !== undefined;

function finding(answer: ModelAnswer, did: (answer: Reply) => boolean, isTaken = true): Finding {
  const { ms } = answer;
  if (answer.kind === 'failed') return { ok: false, ms, detail: `${answer.why}: ${answer.detail}` };
  if (!isTaken) return { ok: false, ms, detail: NOT_TAKEN };
  const { reply, tokens } = answer;
  if (did(answer)) return { ok: true, ms, detail: `${tokens.completion} tokens` };
  return { ok: false, ms, detail: reply.kind === 'unreadable' ? reply.why : MET[reply.kind] };
}
