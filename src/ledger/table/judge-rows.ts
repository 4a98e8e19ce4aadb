import type { z } from 'zod';
import type { Inquiry, KeptVerdict } from '../../model/inquiry.ts';
import { type InquirySummary, inquirySchema, keptVerdictSchema } from '../../schema/judge.ts';
import { cutJson, cutText } from './cut-json.ts';

/** Longest transcript and longest verdict that are kept, bytes of JSON; in longer ones the longest texts are cut, and say so. */
export const INQUIRY_MAX_BYTES = 524_288;
const VERDICT_MAX_BYTES = 8_192;
/** Longest text of a summary. */
const SUMMARY_MAX_CHARS = 300;

/** An inquiry on its way to the disk: what lists show of it, and all of it as JSON of `bytes`. */
export interface InquiryRow {
  readonly summary: InquirySummary;
  readonly body: string;
  readonly bytes: number;
}

/** A change of what is kept: a verdict on its way to the disk, or that there is none any more of a domain for any program. */
export type VerdictChange =
  | (Pick<KeptVerdict, 'domain' | 'app' | 'at' | 'expiresAt' | 'inquiry'> & {
      readonly kept: true;
      readonly body: string;
    })
  | { readonly domain: string; readonly kept: false };

/** Makes the row of an inquiry; null when it is too long however it is cut. */
export function inquiryToRow(inquiry: Inquiry): InquiryRow | null {
  const body = cutJson(inquiry, INQUIRY_MAX_BYTES) ?? cutJson(withoutRounds(inquiry), INQUIRY_MAX_BYTES);
  return body === null ? null : { summary: summaryOf(inquiry), body, bytes: Buffer.byteLength(body) };
}

/** Makes the change that keeps a verdict; null when it is too long however it is cut. */
export function keepingVerdict(verdict: KeptVerdict): VerdictChange | null {
  const body = cutJson(verdict, VERDICT_MAX_BYTES);
  const { domain, app, at, expiresAt, inquiry } = verdict;
  return body === null ? null : { domain, app, kept: true, at, expiresAt, inquiry, body };
}

/** Reads a transcript; null when the text is none. */
export const bodyToInquiry = (body: string): Inquiry | null => readBody(inquirySchema, body);

/** Reads a kept verdict; null when the text is none. */
export const bodyToVerdict = (body: string): KeptVerdict | null => readBody(keptVerdictSchema, body);

function readBody<T>(schema: z.ZodType<T>, body: string): T | null {
  try {
    return schema.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    // Not JSON: the caller counts it.
    return null;
  }
}

function summaryOf(inquiry: Inquiry): InquirySummary {
  const { id, at, input, outcome, marks, rounds, tokens, durationMs, model, replayOf } = inquiry;
  const [reason] = outcome.reasons;
  return {
    ...{ id, at, host: input.host, domain: input.domain, durationMs, model, replayOf },
    app: input.app.name === null ? null : cutText(input.app.name, SUMMARY_MAX_CHARS),
    kind: outcome.kind,
    why: outcome.why,
    reason: reason === undefined ? null : cutText(reason, SUMMARY_MAX_CHARS),
    marks: marks.length,
    rounds: rounds.length,
    tokens: tokens.prompt + tokens.completion,
  };
}

/** What is left of a transcript that is made of more texts than fit. */
function withoutRounds(inquiry: Inquiry): Inquiry {
  const said = 'the rounds were too long to be kept';
  const { outcome } = inquiry;
  return { ...inquiry, rounds: [], outcome: { ...outcome, reasons: [...outcome.reasons, said] } };
}
