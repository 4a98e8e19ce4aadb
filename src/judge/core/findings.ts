import { cleanText } from '../../model/clean.ts';
import type { InquiryRound } from '../../model/inquiry.ts';

/** Most findings that are told, the newest; and the longest. */
const FINDINGS_MAX = 8;
const FINDING_MAX_CHARS = 120;

/** What the tools found so far, a sentence each for a person's screen: the tool, and how its result begins. */
export function findingsOf(rounds: readonly InquiryRound[]): readonly string[] {
  const told = new Map<string, string>();
  for (const { results } of rounds) {
    for (const { id, tool, text } of results) {
      if (id !== null) told.set(id, cleanText(`${tool}: ${text.replace(/\n/g, '; ')}`, FINDING_MAX_CHARS));
    }
  }
  return [...told.values()].slice(-FINDINGS_MAX);
}
