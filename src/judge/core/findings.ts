import { cleanText } from '../../model/clean.ts';
import type { InquiryRound } from '../../model/inquiry.ts';

/** Most findings that are told, the newest; and the longest. */
const FINDINGS_MAX = 8;
const FINDING_MAX_CHARS = 120;

/** What the tools found so far, a sentence each for a person's screen: the tool, and how its result begins. */
export function findingsOf(rounds: readonly InquiryRound[]): readonly string[] {
  const good = rounds.flatMap(({ results }) => results).filter(({ id }) => id !== null);
  const told = new Map(good.map(({ id, tool, text }) => [id, `${tool}: ${text.replace(/\n/g, '; ')}`]));
  return [...told.values()].slice(-FINDINGS_MAX).map((text) => cleanText(text, FINDING_MAX_CHARS));
}
