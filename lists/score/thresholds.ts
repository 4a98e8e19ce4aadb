// Written by `npm run train`; do not edit. Measured on names held out of training, the tables applied.
import type { BurstThreshold } from '../../src/score/burst.ts';
import type { ScoreThresholds } from '../../src/score/model.ts';

/** Probabilities (1 hostile name in 100 assumed) at which a name is escalated to the judge or blocked by name alone. */
export const SCORE_THRESHOLDS: ScoreThresholds = {
  generated: {
    // honest: 0.296 % (95 % interval 0.253 to 0.347) of popular hosts,
    // 0.679 % (95 % interval 0.574 to 0.803) of popular domains; log-odds -2.13
    escalate: 0.10621499167517556,
    // honest: 0.000 % (95 % interval 0.000 to 0.007) of popular hosts,
    // 0.010 % (95 % interval 0.003 to 0.037) of popular domains; log-odds 4.03
    block: 0.9825360795310403,
  },
  phishing: {
    // honest: 0.442 % (95 % interval 0.389 to 0.504) of popular hosts,
    // 1.267 % (95 % interval 1.120 to 1.432) of popular domains; log-odds -2.75
    escalate: 0.060086650174007626,
    // honest: 0.002 % (95 % interval 0.000 to 0.011) of popular hosts,
    // 0.005 % (95 % interval 0.001 to 0.028) of popular domains; log-odds 2.72
    block: 0.9381965337364114,
  },
  // the seed's tolerance
  entropy: 4,
};

/** Means of clipped log-odds that the last new names of one process must exceed; 0.1 % of honest sets do. */
export const BURST_THRESHOLDS: readonly BurstThreshold[] = [
  // 99.400 % (95 % interval 99.229 to 99.534) of known generators, 87.2 % of unseen ones
  { count: 3, mean: -3.72 },
  // 99.960 % (95 % interval 99.897 to 99.984) of known generators, 92.3 % of unseen ones
  { count: 5, mean: -4.34 },
  // 100.000 % (95 % interval 99.962 to 100.000) of known generators, 95.9 % of unseen ones
  { count: 10, mean: -4.87 },
];
