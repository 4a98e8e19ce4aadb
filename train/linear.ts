import { FeatureSink } from '../src/score/features.ts';
import { seededRandom, shuffle } from './random.ts';

/** Names as rows of bucket numbers: row i is `indexes[starts[i], starts[i + 1])`. */
export interface Rows {
  readonly starts: Int32Array;
  readonly indexes: Int32Array;
}

/** What a training run needs to know about each row. */
export interface Labels {
  readonly hostile: Uint8Array;
  readonly weight: Float32Array;
  /** A row with a score on its side of zero by more than this teaches nothing more; Infinity for no limit. */
  readonly enough: Float32Array;
}

/** A linear model in training precision. */
export interface Linear {
  readonly weights: Float64Array;
  readonly bias: number;
}

export interface LinearOptions {
  readonly buckets: number;
  readonly epochs: number;
  readonly rate: number;
  /** Weights stay within plus and minus this. */
  readonly clip: number;
  readonly seed: number;
}

/** Collects the features of `count` names; `write` fills the sink for one of them. */
export function collectRows(count: number, write: (row: number, sink: FeatureSink) => void): Rows {
  const sink = new FeatureSink();
  const starts = new Int32Array(count + 1);
  let indexes = new Int32Array(1 << 20);
  let used = 0;
  for (let row = 0; row < count; row++) {
    write(row, sink);
    if (used + sink.count > indexes.length) {
      const larger = new Int32Array(indexes.length * 2);
      larger.set(indexes);
      indexes = larger;
    }
    indexes.set(sink.indexes.subarray(0, sink.count), used);
    used += sink.count;
    starts[row + 1] = used;
  }
  return { starts, indexes: indexes.slice(0, used) };
}

/** The score of one row. */
export function scoreRow(model: Linear, rows: Rows, row: number): number {
  let sum = model.bias;
  const end = rows.starts[row + 1] ?? 0;
  for (let k = rows.starts[row] ?? 0; k < end; k++) sum += model.weights[rows.indexes[k] ?? 0] ?? 0;
  return sum;
}

/** Logistic regression by AdaGrad over the given rows; the same input gives the same weights, bit for bit. */
export function trainLinear(rows: Rows, labels: Labels, chosen: Int32Array, options: LinearOptions): Linear {
  const weights = new Float64Array(options.buckets);
  const squares = new Float64Array(options.buckets).fill(0.1);
  const order = chosen.slice();
  const random = seededRandom(options.seed);
  let bias = 0;
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    shuffle(order, random);
    // The last pass settles.
    const rate = epoch === options.epochs - 1 ? options.rate * 0.3 : options.rate;
    for (const row of order) {
      const score = scoreRow({ weights, bias }, rows, row);
      const hostile = labels.hostile[row] ?? 0;
      if ((hostile === 1 ? score : -score) > (labels.enough[row] ?? Number.POSITIVE_INFINITY)) continue;
      const slope = (1 / (1 + Math.exp(-score)) - hostile) * (labels.weight[row] ?? 1);
      if (Math.abs(slope) < 1e-4) continue;
      bias -= rate * 0.02 * slope;
      const end = rows.starts[row + 1] ?? 0;
      for (let k = rows.starts[row] ?? 0; k < end; k++) {
        const at = rows.indexes[k] ?? 0;
        const square = (squares[at] ?? 0) + slope * slope;
        squares[at] = square;
        const moved = (weights[at] ?? 0) - (rate * slope) / Math.sqrt(square);
        weights[at] = Math.max(-options.clip, Math.min(options.clip, moved));
      }
    }
  }
  return { weights, bias };
}
