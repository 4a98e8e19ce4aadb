import type { Answer, ControlErrorCode, Params } from './handlers.ts';
import type { Method, Request } from './protocol.ts';

/** Flows in one reply, as text: making it takes a few milliseconds of the engine's time. */
const REPLY_FLOWS_MAX_CHARS = 2_097_152;

/** The line that refuses a message. `id` is null when the message had none that could be read. */
export function errorLine(id: number | null, code: ControlErrorCode, message: string): string {
  return `${JSON.stringify({ id, ok: false, error: { code, message } })}\n`;
}

/**
 * The line that answers a request. Flows that do not fit are left out: of a backlog and of the latest flows the older ones,
 * else the later ones, and `more` says so.
 */
export function answerLine<M extends Method>(
  request: Request & { method: M },
  answer: Answer<Method>,
): string {
  return `{"id":${request.id},"ok":true,"result":${resultText(request, answer)}}\n`;
}

function resultText(request: Request, answer: Answer<Method>): string {
  if (request.method === 'subscribe' && 'status' in answer && 'flows' in answer) {
    const { texts } = fitting(answer.flows, 'newest');
    return `{"flows":[${texts.join(',')}],"status":${JSON.stringify(answer.status)}}`;
  }
  if (request.method === 'flows' && 'more' in answer && 'flows' in answer) {
    const { texts, all } = fitting(answer.flows, isTail(request) ? 'newest' : 'oldest');
    return `{"flows":[${texts.join(',')}],"more":${answer.more || !all}}`;
  }
  return JSON.stringify(answer);
}

/** Asked for the latest flows, not for those from a point on. */
function isTail(request: Params<'flows'>): boolean {
  return request.after === null && request.sinceMs === null;
}

/** Flows as text, in their order, from one end on until the reply is full. */
function fitting(flows: readonly object[], keep: 'newest' | 'oldest'): { texts: string[]; all: boolean } {
  const ordered = keep === 'newest' ? flows.toReversed() : flows;
  const texts: string[] = [];
  let chars = 0;
  for (const flow of ordered) {
    const text = JSON.stringify(flow);
    chars += text.length + 1;
    if (chars > REPLY_FLOWS_MAX_CHARS && texts.length > 0) break;
    texts.push(text);
  }
  if (keep === 'newest') texts.reverse();
  return { texts, all: texts.length === flows.length };
}
