import type { ServerResponse } from 'node:http';
import type { Act } from './act.ts';
import type { Asked } from './asked.ts';
import { completion, events } from './wire.ts';

/** Between the last that is said and the death. */
const DYING_MS = 100;

/** Says a reply, in pieces where they were asked for. */
export async function say(
  { said, then }: Extract<Act, { kind: 'say' }>,
  { chat }: Asked,
  count: number,
  response: ServerResponse,
): Promise<void> {
  const isStream = chat.stream === true;
  const whole = isStream ? events(said, chat, count) : [completion(said, chat, count)];
  const parts = then === undefined ? whole : half(whole);
  response.writeHead(200, {
    'content-type': isStream ? 'text/event-stream' : 'application/json',
    'cache-control': 'no-cache',
  });
  for (const part of parts) {
    if (response.destroyed) return;
    response.write(part);
    // Each piece in a packet of its own, as a model makes them.
    if (isStream) await new Promise((resolve) => setImmediate(resolve));
  }
  if (then === undefined) response.end();
  if (then !== 'die') return;
  // A reset overtakes what it follows; the client is to have read the beginning.
  await new Promise((resolve) => setTimeout(resolve, DYING_MS));
  response.socket?.destroy();
}

/** The first half of a reply, ending in the middle of a piece. */
function half(parts: readonly string[]): readonly string[] {
  const middle = Math.floor(parts.length / 2);
  const cut = parts[middle] ?? '';
  return [...parts.slice(0, middle), cut.slice(0, Math.ceil(cut.length / 2))];
}

/** Answers without a reply of a model. */
export function send(response: ServerResponse, act: Exclude<Act, { kind: 'say' }>): void {
  switch (act.kind) {
    case 'silence':
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'error': {
      for (const [name, value] of Object.entries(act.headers ?? {})) response.setHeader(name, value);
      const error = { message: act.message, type: 'invalid_request_error', code: null, param: null };
      json(response, act.status, { error });
      return;
    }
    case 'nonsense':
      response.writeHead(200, { 'content-type': act.type });
      response.end(act.body);
      return;
    default:
      act satisfies never;
  }
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
