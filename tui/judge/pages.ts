import type { InquiryReport, InquirySummary } from '../../src/schema/judge.ts';

/** Transcripts kept; past it the oldest goes and is asked for again when looked at. */
const TRANSCRIPTS_MAX = 16;

/** What is known of one transcript. */
export type Transcribed =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly inquiry: InquiryReport }
  /** It is under way, or no longer kept. */
  | { readonly state: 'missing' }
  | { readonly state: 'failed'; readonly error: string };

/** What was read of the judge's inquiries. */
export interface JudgePages {
  /** Newest first; null before they were read. */
  readonly inquiries: readonly InquirySummary[] | null;
  /** There are older ones that were not read. */
  readonly more: boolean;
  readonly error: string | null;
  readonly transcripts: ReadonlyMap<number, Transcribed>;
  /** The inquiry that runs again now, by this screen's wish. */
  readonly replaying: number | null;
}

/** Before anything was read. */
export const NO_JUDGE_PAGES: JudgePages = {
  inquiries: null,
  more: false,
  error: null,
  transcripts: new Map(),
  replaying: null,
};

/** The transcripts with one more, the oldest left out. */
export function keepTranscript(
  transcripts: ReadonlyMap<number, Transcribed>,
  inquiry: number,
  transcribed: Transcribed,
): ReadonlyMap<number, Transcribed> {
  const others = [...transcripts].filter(([id]) => id !== inquiry);
  return new Map([...others.slice(1 - TRANSCRIPTS_MAX), [inquiry, transcribed]]);
}
