// Written by `npm run train`; do not edit. Measured on names held out of training, the tables applied.
import type { BurstThreshold } from '../../src/score/burst.ts';
import type { ScoreThresholds } from '../../src/score/model.ts';

/** Probabilities (1 hostile name in 100 assumed) at which a name is escalated to the judge or blocked by name alone. */
export const SCORE_THRESHOLDS: ScoreThresholds = {
  generated: {
    // honest: 0.279 % (95 % interval 0.237 to 0.328) of popular hosts,
    // 0.995 % (95 % interval 0.866 to 1.143) of popular domains; log-odds -2.49
    escalate: 0.07656219735181215,
    // honest: 0.004 % (95 % interval 0.001 to 0.014) of popular hosts,
    // 0.020 % (95 % interval 0.008 to 0.052) of popular domains; log-odds 2.54
    block: 0.9268988265776218,
  },
  phishing: {
    // honest: 0.446 % (95 % interval 0.392 to 0.508) of popular hosts,
    // 1.362 % (95 % interval 1.210 to 1.533) of popular domains; log-odds -2.84
    escalate: 0.0552005377829343,
    // honest: 0.002 % (95 % interval 0.000 to 0.011) of popular hosts,
    // 0.005 % (95 % interval 0.001 to 0.028) of popular domains; log-odds 2.65
    block: 0.9340109905087812,
  },
  // the seed's tolerance
  entropy: 4,
};

/** Means of clipped log-odds that the last new names of one process must exceed; 0.1 % of honest sets do. */
export const BURST_THRESHOLDS: readonly BurstThreshold[] = [
  // 99.530 % (95 % interval 99.376 to 99.646) of known generators, 85.4 % of unseen ones
  { count: 3, mean: -3.77 },
  // 99.970 % (95 % interval 99.912 to 99.990) of known generators, 91.1 % of unseen ones
  { count: 5, mean: -4.34 },
  // 100.000 % (95 % interval 99.962 to 100.000) of known generators, 95.6 % of unseen ones
  { count: 10, mean: -4.85 },
];
