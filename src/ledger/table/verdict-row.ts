import type { KeptVerdict } from '../../model/inquiry.ts';
import { keptVerdictSchema } from '../../schema/judge.ts';
import { boundedJson } from './bounded-json.ts';

/** Longest kept verdict, bytes of JSON. */
const VERDICT_MAX_BYTES = 8_192;

/** A change of what is kept for a domain: a verdict on its way to the disk, or that there is none any more. */
export type VerdictChange =
  | {
      readonly domain: string;
      readonly kept: true;
      readonly at: number;
      readonly expiresAt: number;
      readonly inquiry: number;
      readonly body: string;
    }
  | { readonly domain: string; readonly kept: false };

/** Makes the change that keeps a verdict; its longest sentences are cut. Null when it is too long however it is cut. */
export function keepingVerdict(verdict: KeptVerdict): VerdictChange | null {
  const body = boundedJson(verdict, VERDICT_MAX_BYTES);
  const { domain, at, expiresAt, inquiry } = verdict;
  return body === null ? null : { domain, kept: true, at, expiresAt, inquiry, body };
}

/** Reads a kept verdict; null when the text is none. */
export function bodyToVerdict(body: string): KeptVerdict | null {
  try {
    const parsed = keptVerdictSchema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : null;
  } catch {
    // Not JSON: the caller counts it.
    return null;
  }
}
