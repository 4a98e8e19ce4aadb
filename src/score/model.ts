import { FeatureSink } from './features.ts';
import type { Lexicon } from './lexicon.ts';
import type { PopularTable } from './popular.ts';
import type { LinearWeights, Weights } from './weights.ts';

/** Probabilities at which a model escalates to the judge or blocks. */
interface Thresholds {
  readonly escalate: number;
  readonly block: number;
}

/** Thresholds of both models, and the entropy value above which a name escalates. */
export interface ScoreThresholds {
  readonly generated: Thresholds;
  readonly phishing: Thresholds;
  readonly entropy: number;
}

/** The frozen model: weights, word tables, thresholds, and the scratch space that makes scoring free of garbage. */
export interface ScoreModel {
  readonly weights: Weights;
  readonly lexicon: Lexicon;
  readonly popular: PopularTable;
  readonly thresholds: ScoreThresholds;
  readonly generatedSink: FeatureSink;
  readonly phishingSink: FeatureSink;
}

/** Log-odds beyond this are squeezed, so that two certain names still differ after conversion to a probability. */
const SQUEEZE_FROM = 12;

/** Puts a model together. One model serves one thread: its scratch space is reused by each call of `scoreHost`. */
export function createModel(
  weights: Weights,
  lexicon: Lexicon,
  popular: PopularTable,
  thresholds: ScoreThresholds,
): ScoreModel {
  return {
    weights,
    lexicon,
    popular,
    thresholds,
    generatedSink: new FeatureSink(),
    phishingSink: new FeatureSink(),
  };
}

/** Calibrated log-odds of the features in the sink. */
export function linearLogit(model: LinearWeights, sink: FeatureSink): number {
  let sum = 0;
  for (let i = 0; i < sink.count; i++) sum += model.weights[sink.indexes[i] ?? 0] ?? 0;
  return model.slope * (model.bias + model.scale * sum) + model.offset;
}

/** What one group of features adds to the calibrated log-odds. */
export function groupPush(model: LinearWeights, sink: FeatureSink, group: number): number {
  let sum = 0;
  const from = group === 0 ? 0 : (sink.ends[group - 1] ?? 0);
  const to = sink.ends[group] ?? 0;
  for (let i = from; i < to; i++) sum += model.weights[sink.indexes[i] ?? 0] ?? 0;
  return model.slope * model.scale * sum;
}

/** Log-odds as a probability, strictly rising over the whole range that names reach. */
export function toProbability(logit: number): number {
  const beyond = Math.abs(logit) - SQUEEZE_FROM;
  const squeezed = beyond <= 0 ? logit : Math.sign(logit) * (SQUEEZE_FROM + Math.log1p(beyond));
  return 1 / (1 + Math.exp(-squeezed));
}

/** The log-odds of a probability; the inverse of `toProbability`. */
export function toLogit(probability: number): number {
  const squeezed = Math.log(probability / (1 - probability));
  const beyond = Math.abs(squeezed) - SQUEEZE_FROM;
  return beyond <= 0 ? squeezed : Math.sign(squeezed) * (SQUEEZE_FROM + Math.expm1(beyond));
}
