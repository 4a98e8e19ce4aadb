import { z } from 'zod';
import { cleanText } from '../../model/clean.ts';
import { boundedJson } from '../../net/bounded-json.ts';
import type { ModelFault } from './failure.ts';
import { Redactor } from './redactor.ts';
import { RequestDeadline } from './request-deadline.ts';
import { readText, receiveResponse } from './response.ts';
import { baseUrl, type Destination, sendRequest } from './transport.ts';

/** The longest list that is read, and how many models of it are told. */
const LIST_MAX_CHARS = 1_048_576;
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
  const { kind, detail, models = [] } = await readList(server, deadline);
  deadline.close();
  const redactor = new Redactor(server.apiKey);
  return {
    kind,
    models: models.slice(0, MODELS_TOLD).map((id) => cleanText(redactor.ofDetail(id), NAME_MAX_CHARS)),
    ms: Math.round(deadline.spentMs()),
    detail: cleanText(redactor.ofDetail(detail)),
  };
}

type Told = Pick<Listed, 'kind' | 'detail'> & Partial<Pick<Listed, 'models'>>;

async function readList(server: Destination, deadline: RequestDeadline): Promise<Told> {
  deadline.begin(true);
  // Not by the package: whether a server is there is looked at on every machine, and most of them never load it.
  const url = `${baseUrl(server)}/models`;
  const response = await receiveResponse(sendRequest(url, server, deadline.signal), url, deadline);
  if ('why' in response) return toldOf(response);
  const { text, broke } = await readText(response, deadline, LIST_MAX_CHARS);
  if (broke !== null) return toldOf(broke);
  const list = listSchema.safeParse(boundedJson(text));
  if (!list.success) return { kind: 'alive', detail: 'it answers, but with no list of models' };
  const models = list.data.data.map(({ id }) => id);
  return { kind: 'alive', models, detail: models.length === 1 ? '1 model' : `${models.length} models` };
}

function toldOf({ why, detail, refusal }: ModelFault): Told {
  const status = refusal?.status ?? null;
  if (why === 'refused') return { kind: 'refused', detail };
  if (status === 404) return { kind: 'alive', detail: 'it answers, and has no list of models (HTTP 404)' };
  return { kind: NOT_YET.has(status) ? 'unreachable' : 'alive', detail };
}
