// Written by `npm run train`; do not edit. Measured on names held out of training, the tables applied.
import type { BurstThreshold } from '../../src/score/burst.ts';
import type { ScoreThresholds } from '../../src/score/model.ts';

/** Probabilities (1 hostile name in 100 assumed) at which a name is escalated to the judge or blocked by name alone. */
export const SCORE_THRESHOLDS: ScoreThresholds = {
  generated: {
    // honest: 0.298 % (95 % interval 0.255 to 0.349) of popular hosts,
    // 0.980 % (95 % interval 0.852 to 1.127) of popular domains; log-odds -2.48
    escalate: 0.07727220213665989,
    // honest: 0.004 % (95 % interval 0.001 to 0.014) of popular hosts,
    // 0.015 % (95 % interval 0.005 to 0.044) of popular domains; log-odds 2.72
    block: 0.9381965337364114,
  },
  phishing: {
    // honest: 0.448 % (95 % interval 0.394 to 0.510) of popular hosts,
    // 1.362 % (95 % interval 1.210 to 1.533) of popular domains; log-odds -2.86
    escalate: 0.05416670048123607,
    // honest: 0.002 % (95 % interval 0.000 to 0.011) of popular hosts,
    // 0.005 % (95 % interval 0.001 to 0.028) of popular domains; log-odds 2.55
    block: 0.9275735146384823,
  },
  // the seed's tolerance
  entropy: 4,
};

/** How many honest names each threshold was measured to catch, for the configuration's own words. */
export const MEASURED_FPR = {
  generated: {
    escalate: '0.298 % of popular hosts, 0.980 % of popular domains',
    block: '0.004 % of popular hosts, 0.015 % of popular domains',
  },
  phishing: {
    escalate: '0.448 % of popular hosts, 1.362 % of popular domains',
    block: '0.002 % of popular hosts, 0.005 % of popular domains',
  },
} as const;

/** Means of clipped log-odds that the last new names of one process must exceed; 0.1 % of honest sets do. */
export const BURST_THRESHOLDS: readonly BurstThreshold[] = [
  // 99.510 % (95 % interval 99.353 to 99.629) of known generators, 85.8 % of unseen ones
  { count: 3, mean: -3.76 },
  // 99.970 % (95 % interval 99.912 to 99.990) of known generators, 91.1 % of unseen ones
  { count: 5, mean: -4.32 },
  // 100.000 % (95 % interval 99.962 to 100.000) of known generators, 95.7 % of unseen ones
  { count: 10, mean: -4.87 },
];
