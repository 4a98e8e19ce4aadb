import { cleanText } from '../model/clean.ts';
import { type Request, requestSchema } from './protocol.ts';

/** Problems told of one message; a message can have as many as it has fields. */
const PROBLEMS_MAX = 5;

/** A line of the socket, read: a request, or why it is none. `id` is the line's own where it has one. */
export type ReadRequest =
  | { readonly ok: true; readonly request: Request }
  | { readonly ok: false; readonly id: number | null; readonly error: string };

/** Reads one line as a request; every error names the field by its path. Never throws. */
export function readRequest(line: string): ReadRequest {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch (error) {
    return {
      ok: false,
      id: null,
      error: `not JSON: ${error instanceof Error ? error.message : 'unreadable'}`,
    };
  }
  const parsed = requestSchema.safeParse(message);
  if (parsed.success) return { ok: true, request: parsed.data };
  const problems = parsed.error.issues.slice(0, PROBLEMS_MAX).map(({ path, message: said }) => {
    const where = path.length === 0 ? 'message' : path.map(String).join('.');
    return `${cleanText(where, 80)}: ${cleanText(said)}`;
  });
  return { ok: false, id: idOf(message), error: problems.join('; ') };
}

function idOf(message: unknown): number | null {
  if (typeof message !== 'object' || message === null || !('id' in message)) return null;
  return Number.isSafeInteger(message.id) ? Number(message.id) : null;
}
