import { toProbability } from '../src/score/model.ts';
import type { BurstRow, Chosen, ChosenThresholds } from './measure.ts';
import type { Estimate } from './metrics.ts';

const percent = (e: Estimate): string =>
  `${(100 * e.value).toFixed(3)} % (95 % interval ${(100 * e.low).toFixed(3)} to ${(100 * e.high).toFixed(3)})`;

const words = (c: Chosen): string =>
  `${(100 * c.hosts.value).toFixed(3)} % of popular hosts, ${(100 * c.domains.value).toFixed(3)} % of popular domains`;

/** The text of `lists/score/thresholds.ts`: each number with the false-positive rate that it was measured to have. */
export function renderThresholds(
  chosen: ChosenThresholds,
  burst: readonly BurstRow[],
  prior: number,
): string {
  const line = (name: string, c: Chosen, indent: string): string =>
    [
      `${indent}// honest: ${percent(c.hosts)} of popular hosts,`,
      `${indent}// ${percent(c.domains)} of popular domains; log-odds ${c.logit.toFixed(2)}`,
      `${indent}${name}: ${toProbability(c.logit)},`,
    ].join('\n');
  return `// Written by \`npm run train\`; do not edit. Measured on names held out of training, the tables applied.
import type { BurstThreshold } from '../../src/score/burst.ts';
import type { ScoreThresholds } from '../../src/score/model.ts';

/** Probabilities (${100 * prior} hostile name in 100 assumed) at which a name is escalated to the judge or blocked by name alone. */
export const SCORE_THRESHOLDS: ScoreThresholds = {
  generated: {
${line('escalate', chosen.generatedEscalate, '    ')}
${line('block', chosen.generatedBlock, '    ')}
  },
  phishing: {
${line('escalate', chosen.phishingEscalate, '    ')}
${line('block', chosen.phishingBlock, '    ')}
  },
  // the seed's tolerance
  entropy: 4,
};

/** How many honest names each threshold was measured to catch, for the configuration's own words. */
export const MEASURED_FPR = {
  generated: {
    escalate: '${words(chosen.generatedEscalate)}',
    block: '${words(chosen.generatedBlock)}',
  },
  phishing: {
    escalate: '${words(chosen.phishingEscalate)}',
    block: '${words(chosen.phishingBlock)}',
  },
} as const;

/** Means of clipped log-odds that the last new names of one process must exceed; ${100 * (burst[0]?.fpr ?? 0)} % of honest sets do. */
export const BURST_THRESHOLDS: readonly BurstThreshold[] = [
${burst.map((row) => `  // ${percent(row.known)} of known generators, ${(100 * row.unseen.value).toFixed(1)} % of unseen ones\n  { count: ${row.count}, mean: ${row.mean} },`).join('\n')}
];
`;
}
