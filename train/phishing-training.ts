import { scanWords } from '../src/score/brand-scan.ts';
import type { Lexicon } from '../src/score/lexicon.ts';
import { PHISHING_BUCKETS, phishingFeatures } from '../src/score/phishing-features.ts';
import { skeletonOf } from '../src/score/skeleton.ts';
import { type Example, FOLDS } from './examples.ts';
import {
  collectRows,
  type Labels,
  type Linear,
  type LinearOptions,
  scoreRow,
  trainLinear,
} from './linear.ts';

const OPTIONS: LinearOptions = { buckets: PHISHING_BUCKETS, epochs: 4, rate: 0.1, clip: 3, seed: 20260821 };

/** The phishing model, and a score of each example by a model that had not seen its registrable domain. */
export interface PhishingTraining {
  readonly final: Linear;
  readonly scores: Float64Array;
}

/** Trains on whole hosts; `generatedLogits` are the other model's calibrated answers, one an example. */
export function trainPhishing(
  examples: readonly Example[],
  generatedLogits: Float64Array,
  letters: Uint8Array,
  lexicon: Lexicon,
): PhishingTraining {
  const rows = collectRows(examples.length, (row, sink) => {
    const parts = examples[row]?.parts;
    if (parts === undefined) return;
    const hits = scanWords(parts, skeletonOf(parts.host, parts.labelEnd, lexicon.confusables), lexicon);
    phishingFeatures(parts, hits, letters, generatedLogits[row] ?? 0, sink);
  });
  const labels: Labels = {
    hostile: Uint8Array.from(examples, (example) => (example.hostile ? 1 : 0)),
    weight: Float32Array.from(examples, (example) => example.weight),
    enough: new Float32Array(examples.length).fill(Number.POSITIVE_INFINITY),
  };
  const order = Int32Array.from(examples, (_, row) => row);
  const scores = new Float64Array(examples.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const model = trainLinear(
      rows,
      labels,
      order.filter((row) => examples[row]?.fold !== fold),
      OPTIONS,
    );
    for (const [row, example] of examples.entries())
      if (example.fold === fold) scores[row] = scoreRow(model, rows, row);
  }
  return { final: trainLinear(rows, labels, order, OPTIONS), scores };
}
