import { z } from 'zod';
import { cleanText } from '../../model/clean.ts';
import { boundedJson } from '../../net/bounded-json.ts';
import { readBody, requestAnswer } from './body.ts';
import type { ModelOptions } from './exchange.ts';
import { fault, type ModelFault } from './failure.ts';
import { Redactor } from './redactor.ts';
import { RequestDeadline } from './request-deadline.ts';

/** The longest list that is read, and how many models of it are told. */
const LIST_MAX_BYTES = 1_048_576;
const MODELS_TOLD = 50;
const NAME_MAX_CHARS = 100;
/** Told by what stands before a server that is not there, or by one that loads its model. */
const NOT_YET: ReadonlySet<number> = new Set([502, 503, 504]);

const listSchema = z.object({ data: z.array(z.object({ id: z.string() })) });

/** What a server said when it was asked which models it has. */
export interface Listed {
  /** `refused`: it does not take the key. */
  readonly kind: 'alive' | 'refused' | 'unreachable';
  /** Up to 50, cleaned. */
  readonly models: readonly string[];
  readonly ms: number;
  /** For a person; without the key. */
  readonly detail: string;
}

/** Asks a server which models it has; any answer shows that it is there. Never rejects, and ends by its limit and the signal. */
export async function listModels(
  server: ModelOptions,
  limitMs: number,
  signal: AbortSignal,
): Promise<Listed> {
  const startedMs = performance.now();
  const watch = new RequestDeadline({ totalMs: limitMs, firstByteMs: limitMs, idleMs: limitMs }, signal);
  const cutter = new Redactor(server.apiKey);
  try {
    const asking = readList(server, watch).catch((error) =>
      fault('broken', `the client failed: ${String(error)}`),
    );
    const found = await Promise.race([asking, watch.over]);
    const ms = Math.round(performance.now() - startedMs);
    if (!('why' in found)) {
      const models = found.models.map((id) => cleanText(cutter.ofDetail(id), NAME_MAX_CHARS));
      return { kind: 'alive', models, ms, detail: found.detail };
    }
    return { kind: kindOf(found), models: [], ms, detail: cleanText(cutter.ofDetail(toldOf(found))) };
  } finally {
    watch.close();
  }
}

interface List {
  readonly models: readonly string[];
  readonly detail: string;
}

async function readList(server: ModelOptions, watch: RequestDeadline): Promise<List | ModelFault> {
  watch.begin(true);
  const url = `${server.apiUrl.replace(/\/+$/, '')}/models`;
  const answer = await requestAnswer(url, null, server, watch);
  if ('why' in answer) return answer;
  const pieces: Uint8Array[] = [];
  let size = 0;
  const broke = await readBody(answer, watch, (bytes) => {
    pieces.push(bytes);
    size += bytes.length;
    return size < LIST_MAX_BYTES ? 'more' : 'enough';
  });
  if (broke !== null) return broke;
  const text = new TextDecoder().decode(Buffer.concat(pieces));
  const list = listSchema.safeParse(boundedJson(text));
  if (!list.success) return { models: [], detail: 'it answers, but with no list of models' };
  const models = list.data.data.slice(0, MODELS_TOLD).map(({ id }) => id);
  return { models, detail: models.length === 1 ? '1 model' : `${list.data.data.length} models` };
}

function kindOf({ why, refusal }: ModelFault): Listed['kind'] {
  if (why === 'refused') return 'refused';
  const status = refusal?.status ?? null;
  return status === null || NOT_YET.has(status) ? 'unreachable' : 'alive';
}

function toldOf({ detail, refusal }: ModelFault): string {
  return refusal?.status === 404 ? 'it answers, and has no list of models (HTTP 404)' : detail;
}
