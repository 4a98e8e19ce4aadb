import { z } from 'zod';
import type { JudgeCheck } from '../control/judge-schema.ts';
import { cleanText } from '../model/clean.ts';
import type { ModelAnswer, ToolSpec } from './judge-types.ts';
import { type Model, type ModelOptions, openModel } from './model-client.ts';
import { failureOf } from './model-failure.ts';
import { modelFetch } from './model-fetch.ts';
import { RequestWatch } from './model-watch.ts';
import type { ModelLimits, ModelRequest } from './runner.ts';

/** The longest answer that lists models, and how many of them are told. */
const MODELS_MAX_BYTES = 1_048_576;
const MODELS_TOLD = 50;
const NAME_MAX_CHARS = 100;
/** A local model that is not loaded yet takes its time for the first reply; the others come soon. */
const LIST_MS = 5_000;
const FIRST_REPLY_MS = 30_000;
const REPLY_MS = 12_000;
/** Thinking models need room before they answer. */
const REPLY_TOKENS = 1_024;

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })).max(10_000) });

/** Whether a server is there; `detail` is for a person. */
export interface ServerAlive {
  readonly kind: 'alive' | 'refused' | 'unreachable';
  readonly detail: string;
}

type Finding = JudgeCheck['reachable'];

/** Asks whether a server is there: any answer counts but one that refuses the key. Never rejects. */
export async function isAlive(server: ModelOptions, limitMs: number): Promise<ServerAlive> {
  const listed = await listModels(server, limitMs, new AbortController().signal);
  if (listed.status === null) return { kind: 'unreachable', detail: listed.detail };
  return listed.status === 401 || listed.status === 403
    ? { kind: 'refused', detail: `the server does not take the key: ${listed.detail}` }
    : { kind: 'alive', detail: listed.detail };
}

/** Finds out what a server and its model can do, in about a minute at most. Never rejects. */
export async function checkServer(server: ModelOptions, signal: AbortSignal): Promise<JudgeCheck> {
  const listed = await listModels(server, LIST_MS, signal);
  const isThere = listed.status !== null && listed.status !== 401 && listed.status !== 403;
  const reachable = { ok: isThere, ms: listed.ms, detail: listed.detail };
  const base = { at: Date.now(), apiUrl: server.apiUrl, model: server.model, models: [...listed.models] };
  const { completion, streaming } = isThere ? await tryReply(server, signal) : NOTHING_TRIED;
  const rest = completion.ok ? await tryFeatures(server, signal) : FEATURES_NOT_TRIED;
  const usable = completion.ok && (rest.nativeTools.ok || rest.structured.ok || rest.textProtocol.ok);
  return { ...base, reachable, completion, streaming, ...rest, usable };
}

const NOT_TRIED: Finding = { ok: false, ms: null, detail: 'not tried' };
const NOTHING_TRIED = { completion: NOT_TRIED, streaming: NOT_TRIED };
const FEATURES_NOT_TRIED = { nativeTools: NOT_TRIED, structured: NOT_TRIED, textProtocol: NOT_TRIED };

const PROBE_TOOL: ToolSpec = {
  name: 'HISTORY',
  description: 'What this machine has seen of a domain.',
  parameters: { type: 'object', properties: { domain: { type: 'string' } }, required: ['domain'] },
};

/** The first reply, which also shows whether it comes piece by piece. */
async function tryReply(
  server: ModelOptions,
  signal: AbortSignal,
): Promise<{ readonly completion: Finding; readonly streaming: Finding }> {
  const answer = await ask(openModel(server), 'Reply with the word ready.', [], FIRST_REPLY_MS, signal);
  if (answer.kind === 'failed') {
    return {
      completion: { ok: false, ms: answer.ms, detail: `${answer.why}: ${answer.detail}` },
      streaming: NOT_TRIED,
    };
  }
  const completion = { ok: true, ms: answer.ms, detail: `${answer.tokens.completion} tokens` };
  const streamed = answer.streamed === true;
  const detail = streamed ? 'piece by piece' : 'in one piece: a slow reply cannot be told from a dead server';
  return { completion, streaming: { ok: streamed, ms: answer.ms, detail } };
}

async function tryFeatures(
  server: ModelOptions,
  signal: AbortSignal,
): Promise<Pick<JudgeCheck, 'nativeTools' | 'structured' | 'textProtocol'>> {
  const call = 'Call the tool HISTORY with the domain example.com. Do nothing else.';
  const written =
    'Reply with this JSON object and nothing else: {"tool":"HISTORY","args":{"domain":"example.com"}}';
  const verdict =
    'Reply with this JSON object and nothing else: {"verdict":"unsure","reasons":["a test"],"evidence":[]}';
  const native = openModel(server);
  const called = await ask(native, call, [PROBE_TOOL], REPLY_MS, signal);
  const shaped = openModel(server);
  const structured = await ask(shaped, verdict, [], REPLY_MS, signal);
  const plain = openModel({ ...server, features: { tools: false, schema: false } });
  const text = await ask(plain, written, [PROBE_TOOL], REPLY_MS, signal);
  return {
    nativeTools: finding(called, isCall(called) && called.dialect === 'native', native.features.tools),
    structured: finding(structured, isVerdict(structured), shaped.features.schema),
    textProtocol: finding(text, isCall(text), true),
  };
}

function isCall(answer: ModelAnswer): answer is Extract<ModelAnswer, { kind: 'reply' }> {
  return (
    answer.kind === 'reply' && answer.reply.kind === 'calls' && answer.reply.calls[0]?.tool === 'HISTORY'
  );
}

function isVerdict(answer: ModelAnswer): boolean {
  return answer.kind === 'reply' && answer.reply.kind === 'verdict';
}

function finding(answer: ModelAnswer, did: boolean, taken: boolean): Finding {
  const { ms } = answer;
  if (answer.kind === 'failed') return { ok: false, ms, detail: `${answer.why}: ${answer.detail}` };
  if (!taken) return { ok: false, ms, detail: 'the server does not take it' };
  if (did) return { ok: true, ms, detail: `${answer.tokens.completion} tokens` };
  const { reply } = answer;
  const met =
    reply.kind === 'unreadable'
      ? reply.why
      : `it gave ${reply.kind === 'calls' ? 'a call' : 'a verdict'} instead`;
  return { ok: false, ms, detail: cleanText(met) };
}

function ask(
  model: Model,
  text: string,
  tools: readonly ToolSpec[],
  totalMs: number,
  signal: AbortSignal,
): ReturnType<Model['ask']> {
  const limits: ModelLimits = { totalMs, firstByteMs: totalMs, idleMs: totalMs };
  const request: ModelRequest = { messages: [{ role: 'user', text }], tools, maxTokens: REPLY_TOKENS };
  return model.ask(request, limits, signal);
}

interface Listed {
  /** The HTTP status; null when there was no answer. */
  readonly status: number | null;
  readonly models: readonly string[];
  readonly ms: number;
  readonly detail: string;
}

async function listModels(server: ModelOptions, limitMs: number, signal: AbortSignal): Promise<Listed> {
  const startedMs = performance.now();
  const limits = { totalMs: limitMs, firstByteMs: limitMs, idleMs: limitMs };
  const watch = new RequestWatch(limits, MODELS_MAX_BYTES, signal);
  const spent = (): number => Math.round(performance.now() - startedMs);
  let status: number | null = null;
  try {
    const response = await modelFetch(watch, server.apiKey)(`${server.apiUrl.replace(/\/$/, '')}/models`);
    status = response.status;
    const text = await response.text();
    const parsed = modelsSchema.safeParse(jsonOf(text));
    const models = parsed.success ? parsed.data.data.slice(0, MODELS_TOLD) : [];
    const names = models.map(({ id }) => cleanText(id, NAME_MAX_CHARS));
    return { status, models: names, ms: spent(), detail: listedText(status, names.length) };
  } catch (error) {
    const { detail } = failureOf(error, watch.ended, server.apiKey);
    return { status, models: [], ms: spent(), detail };
  } finally {
    watch.close();
  }
}

function listedText(status: number, models: number): string {
  if (status !== 200) return `HTTP ${status}`;
  return models === 1 ? '1 model' : `${models} models`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A server need not have this list.
    return null;
  }
}
