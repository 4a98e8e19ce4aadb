import type { Inquiry } from '../../model/inquiry.ts';
import { type InquirySummary, inquirySchema, inquirySummarySchema } from '../../schema/judge.ts';
import { boundedJson, cutText } from './bounded-json.ts';

/** Longest transcript that is kept, bytes of JSON; in a longer one the longest texts are cut, and say so. */
export const INQUIRY_MAX_BYTES = 524_288;
/** Longest text of a summary. */
const SUMMARY_MAX_CHARS = 300;

const COLUMNS = [
  ...['id', 'at', 'domain', 'host', 'app', 'kind', 'why', 'reason', 'marks', 'rounds', 'tokens'],
  ...['duration_ms', 'model', 'replay_of'],
];

/** What a list of inquiries needs to read; the transcript stays where it is. */
export const SUMMARY_COLUMNS = COLUMNS.join(', ');

/** Writes an inquiry, or its newer state over the older one. */
export const UPSERT_INQUIRY = `INSERT INTO inquiries (${SUMMARY_COLUMNS}, bytes, body)
  VALUES (${COLUMNS.map(() => '?').join(', ')}, ?, ?)
  ON CONFLICT (id) DO UPDATE SET ${[...COLUMNS.slice(1), 'bytes', 'body']
    .map((name) => `${name} = excluded.${name}`)
    .join(', ')}`;

/** An inquiry on its way to the disk: what lists show of it, and all of it as JSON of at most `INQUIRY_MAX_BYTES`. */
export interface InquiryRow {
  readonly summary: InquirySummary;
  readonly body: string;
}

type Cell = string | number | null;

/** Makes the row of an inquiry; null when it is too long however it is cut. */
export function inquiryToRow(inquiry: Inquiry): InquiryRow | null {
  const body =
    boundedJson(inquiry, INQUIRY_MAX_BYTES) ?? boundedJson(withoutRounds(inquiry), INQUIRY_MAX_BYTES);
  return body === null ? null : { summary: summaryOf(inquiry), body };
}

/** The cells of a row in the order of `UPSERT_INQUIRY`. */
export function inquiryToCells({ summary, body }: InquiryRow): Cell[] {
  const { id, at, domain, host, app, kind, why, reason, marks, rounds, tokens } = summary;
  return [
    ...[id, at, domain, host, app, kind, why, reason, marks, rounds, tokens],
    ...[summary.durationMs, summary.model, summary.replayOf, Buffer.byteLength(body), body],
  ];
}

/** Reads what lists show of an inquiry; null when the row does not fit. */
export function rowToSummary(row: Readonly<Record<string, Cell>>): InquirySummary | null {
  const { duration_ms, replay_of, ...rest } = row;
  const parsed = inquirySummarySchema.safeParse({ ...rest, durationMs: duration_ms, replayOf: replay_of });
  return parsed.success ? parsed.data : null;
}

/** Reads a transcript; null when the text is none. */
export function bodyToInquiry(body: string): Inquiry | null {
  try {
    const parsed = inquirySchema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : null;
  } catch {
    // Not JSON: the caller counts it.
    return null;
  }
}

function summaryOf(inquiry: Inquiry): InquirySummary {
  const { id, at, input, outcome, marks, rounds, tokens, durationMs, model, replayOf } = inquiry;
  const reason = outcome.reasons[0];
  return {
    id,
    at,
    host: input.host,
    domain: input.domain,
    app: input.app.name === null ? null : cutText(input.app.name, SUMMARY_MAX_CHARS),
    kind: outcome.kind,
    why: outcome.why,
    reason: reason === undefined ? null : cutText(reason, SUMMARY_MAX_CHARS),
    marks: marks.length,
    rounds: rounds.length,
    tokens: tokens.prompt + tokens.completion,
    durationMs,
    model,
    replayOf,
  };
}

/** What is left of a transcript that is made of more texts than fit. */
function withoutRounds(inquiry: Inquiry): Inquiry {
  const said = 'the rounds were too long to be kept';
  const { outcome } = inquiry;
  return { ...inquiry, rounds: [], outcome: { ...outcome, reasons: [...outcome.reasons, said] } };
}
