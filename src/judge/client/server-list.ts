import { z } from 'zod';
import { cleanText } from '../../model/clean.ts';
import { boundedJson } from '../../net/bounded-json.ts';
import type { ModelFault } from './failure.ts';
import { Redactor } from './redactor.ts';
import { RequestDeadline } from './request-deadline.ts';
import { readText, receiveResponse } from './response.ts';
import { baseUrl, type Destination, sendRequest } from './transport.ts';

/** The longest list that is read, and how many models of it are told. */
const LIST_MAX_BYTES = 1_048_576;
const MODELS_TOLD = 50;
const NAME_MAX_CHARS = 100;
/** Told by what stands before a server that is not there, or by one that loads its model. */
const NOT_YET: ReadonlySet<number | null> = new Set([null, 502, 503, 504]);

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
export async function listModels(server: Destination, limitMs: number, signal: AbortSignal): Promise<Listed> {
  const deadline = new RequestDeadline({ totalMs: limitMs, firstByteMs: limitMs, idleMs: limitMs }, signal);
  const redactor = new Redactor(server.apiKey);
  const { kind, models, detail } = toldOf(await readList(server, deadline));
  deadline.close();
  return {
    kind,
    models: models.slice(0, MODELS_TOLD).map((id) => cleanText(redactor.ofDetail(id), NAME_MAX_CHARS)),
    ms: Math.round(deadline.spentMs()),
    detail: cleanText(redactor.ofDetail(detail)),
  };
}

type Told = Pick<Listed, 'kind' | 'models' | 'detail'>;

async function readList(server: Destination, deadline: RequestDeadline): Promise<Told | ModelFault> {
  deadline.begin(true);
  // Not by the package: whether a server is there is looked at on every machine, and most of them never load it.
  const url = `${baseUrl(server)}/models`;
  const response = await receiveResponse(sendRequest(url, server, deadline.signal), url, deadline);
  if ('why' in response) return response;
  const { text, broke } = await readText(response, deadline, LIST_MAX_BYTES);
  if (broke !== null) return broke;
  const list = listSchema.safeParse(boundedJson(text));
  if (!list.success) return { kind: 'alive', models: [], detail: 'it answers, but with no list of models' };
  const models = list.data.data.map(({ id }) => id);
  return { kind: 'alive', models, detail: models.length === 1 ? '1 model' : `${models.length} models` };
}

function toldOf(found: Told | ModelFault): Told {
  if ('kind' in found) return found;
  const { why, detail, refusal } = found;
  const status = refusal?.status ?? null;
  const kind = why === 'refused' ? why : NOT_YET.has(status) ? 'unreachable' : 'alive';
  return {
    kind,
    models: [],
    detail: status === 404 ? 'it answers, and has no list of models (HTTP 404)' : detail,
  };
}
