// Written by `npm run train`; do not edit. Measured on names held out of training, the tables applied.
import type { BurstThreshold } from '../../src/score/burst.ts';
import type { ScoreThresholds } from '../../src/score/model.ts';

/** Probabilities (1 hostile name in 100 assumed) at which a name is escalated to the judge or blocked by name alone. */
export const SCORE_THRESHOLDS: ScoreThresholds = {
  generated: {
    // honest: 0.296 % (95 % interval 0.253 to 0.347) of popular hosts,
    // 0.865 % (95 % interval 0.745 to 1.003) of popular domains; log-odds -2.40
    escalate: 0.08317269649392238,
    // honest: 0.004 % (95 % interval 0.001 to 0.014) of popular hosts,
    // 0.015 % (95 % interval 0.005 to 0.044) of popular domains; log-odds 2.80
    block: 0.9426758241011313,
  },
  phishing: {
    // honest: 0.439 % (95 % interval 0.385 to 0.500) of popular hosts,
    // 1.297 % (95 % interval 1.149 to 1.464) of popular domains; log-odds -2.79
    escalate: 0.05786695527636101,
    // honest: 0.002 % (95 % interval 0.000 to 0.011) of popular hosts,
    // 0.005 % (95 % interval 0.001 to 0.028) of popular domains; log-odds 2.61
    block: 0.931502396275674,
  },
  // the seed's tolerance
  entropy: 4,
};

/** Means of clipped log-odds that the last new names of one process must exceed; 0.1 % of honest sets do. */
export const BURST_THRESHOLDS: readonly BurstThreshold[] = [
  // 99.570 % (95 % interval 99.421 to 99.681) of known generators, 85.8 % of unseen ones
  { count: 3, mean: -3.78 },
  // 99.970 % (95 % interval 99.912 to 99.990) of known generators, 91.1 % of unseen ones
  { count: 5, mean: -4.31 },
  // 100.000 % (95 % interval 99.962 to 100.000) of known generators, 95.5 % of unseen ones
  { count: 10, mean: -4.85 },
];
