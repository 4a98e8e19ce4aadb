import { cleanText } from '../model/clean.ts';
import type { ModelFailure } from './judge-types.ts';
import type { Ended } from './model-watch.ts';

/** Why there is no reply. */
export interface ModelFault {
  readonly why: ModelFailure;
  /** For a person; cleaned, without the key. */
  readonly detail: string;
  /** The server may do without something that was asked for. */
  readonly isFeature: boolean;
}

const DETAIL_MAX_CHARS = 200;

/** What went wrong with a request, from what was thrown. */
export function failureOf(error: unknown, ended: Ended | null, apiKey: string | null): ModelFault {
  if (ended === 'size') return { why: 'too_long', detail: 'the answer is too long', isFeature: false };
  if (ended !== null) {
    const detail = ended === 'time' ? 'the model did not answer in time' : 'the request was given up';
    return { why: 'timed_out', detail, isFeature: false };
  }
  const status = statusOf(error);
  const said = detailOf(error, apiKey);
  const detail = status === null ? said : cleanText(`HTTP ${status}: ${said}`, DETAIL_MAX_CHARS);
  return { why: whyOf(status, error), detail, isFeature: isFeature(status, said) };
}

/** Servers refuse what they do not know by several codes; one by 500 with a telling word. */
function isFeature(status: number | null, said: string): boolean {
  if (status === 500) return /\b(tools?|jinja|response_format|schema|grammar|stream_options)\b/i.test(said);
  return status !== null && [400, 404, 422, 501].includes(status);
}

function whyOf(status: number | null, error: unknown): ModelFailure {
  if (status === null) return isNoConnection(error) ? 'unreachable' : 'broken';
  if (status === 401 || status === 403) return 'refused';
  if (status === 429) return 'rate_limited';
  if (status >= 500) return 'server_error';
  return 'bad_request';
}

function isNoConnection(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    const code = (at as { code?: unknown }).code;
    if (
      typeof code === 'string' &&
      /^(ConnectionRefused|ECONNREFUSED|ETIMEDOUT|ENOTFOUND|EHOST|ENET|FailedToOpenSocket|DNS)/.test(code)
    )
      return true;
    if (/unable to connect|certificate|self.signed/i.test(at.message)) return true;
  }
  return false;
}

function statusOf(error: unknown): number | null {
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' ? status : null;
}

function detailOf(error: unknown, apiKey: string | null): string {
  const parts: string[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 3; at = at.cause, depth++)
    parts.push(at.message);
  const text = parts.length === 0 ? String(error) : [...new Set(parts)].join(': ');
  // Servers echo keys; a part of one is as bad.
  return cleanText(apiKey === null ? text : withoutKey(text, apiKey), DETAIL_MAX_CHARS);
}

const PART_CHARS = 8;

function withoutKey(text: string, key: string): string {
  let safe = text.replaceAll(key, '[key]');
  for (let at = 0; at + PART_CHARS <= key.length; at++)
    safe = safe.replaceAll(key.slice(at, at + PART_CHARS), '[key]');
  return safe;
}
