import type { Config } from '../../config/schema.ts';

/** Keys that are read at the moment of use. */
const LIVE: ReadonlySet<string> = new Set(['holdMs', 'whileJudging', 'dailyTokens']);

/** Whether a changed configuration means another model, another server or other tools. */
export function needsNewJudge(before: Config['judge'], after: Config['judge']): boolean {
  return !Bun.deepEquals(fixedPart(before), fixedPart(after));
}

function fixedPart(judge: Config['judge']): object {
  return Object.fromEntries(Object.entries(judge).filter(([key]) => !LIVE.has(key)));
}
