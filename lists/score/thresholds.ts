// Written by `npm run train`; do not edit. Measured on names held out of training, the tables applied.
import type { BurstThreshold } from '../../src/score/burst.ts';
import type { ScoreThresholds } from '../../src/score/model.ts';

/** Probabilities (1 hostile name in 100 assumed) at which a name is escalated to the judge or blocked by name alone. */
export const SCORE_THRESHOLDS: ScoreThresholds = {
  generated: {
    // honest: 0.298 % (95 % interval 0.255 to 0.349) of popular hosts,
    // 0.724 % (95 % interval 0.615 to 0.851) of popular domains; log-odds -1.79
    escalate: 0.14307272348008082,
    // honest: 0.004 % (95 % interval 0.001 to 0.014) of popular hosts,
    // 0.015 % (95 % interval 0.005 to 0.044) of popular domains; log-odds 5.23
    block: 0.9946749823142578,
  },
  phishing: {
    // honest: 0.446 % (95 % interval 0.392 to 0.508) of popular hosts,
    // 1.236 % (95 % interval 1.092 to 1.400) of popular domains; log-odds -2.71
    escalate: 0.0623858513799944,
    // honest: 0.000 % (95 % interval 0.000 to 0.007) of popular hosts,
    // 0.005 % (95 % interval 0.001 to 0.028) of popular domains; log-odds 2.83
    block: 0.9442756020713345,
  },
  // the seed's tolerance
  entropy: 4,
};

/** Means of clipped log-odds that the last new names of one process must exceed; 0.1 % of honest sets do. */
export const BURST_THRESHOLDS: readonly BurstThreshold[] = [
  // 99.090 % (95 % interval 98.884 to 99.258) of known generators, 88.3 % of unseen ones
  { count: 3, mean: -3.51 },
  // 99.940 % (95 % interval 99.869 to 99.972) of known generators, 94.0 % of unseen ones
  { count: 5, mean: -4.21 },
  // 100.000 % (95 % interval 99.962 to 100.000) of known generators, 98.7 % of unseen ones
  { count: 10, mean: -4.81 },
];
