/** An estimate with its 95 % confidence interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** One point of a ROC curve: the share of honest names at or above the threshold, and of hostile ones. */
export interface RocPoint {
  readonly fpr: number;
  readonly tpr: number;
}

const Z95 = 1.959964;

/** A share with its Wilson interval; `total` 0 gives 0 with the whole range. */
export function share(count: number, total: number): Estimate {
  if (total === 0) return { value: 0, low: 0, high: 1 };
  const p = count / total;
  const z2 = Z95 * Z95;
  const middle = (p + z2 / (2 * total)) / (1 + z2 / total);
  const half = (Z95 / (1 + z2 / total)) * Math.sqrt((p * (1 - p)) / total + z2 / (4 * total * total));
  return { value: p, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** Area under the ROC curve by ranks (ties count half), with the Hanley-McNeil interval. */
export function auc(positive: Float64Array, negative: Float64Array): Estimate {
  const np = positive.length;
  const nn = negative.length;
  if (np === 0 || nn === 0) return { value: Number.NaN, low: Number.NaN, high: Number.NaN };
  const pos = positive.slice().sort();
  const neg = negative.slice().sort();
  let less = 0;
  let equalEnd = 0;
  let sum = 0;
  for (const score of pos) {
    while (less < nn && (neg[less] ?? 0) < score) less++;
    equalEnd = Math.max(equalEnd, less);
    while (equalEnd < nn && (neg[equalEnd] ?? 0) <= score) equalEnd++;
    sum += less + (equalEnd - less) / 2;
  }
  const value = sum / (np * nn);
  const q1 = value / (2 - value);
  const q2 = (2 * value * value) / (1 + value);
  const variance =
    (value * (1 - value) + (np - 1) * (q1 - value * value) + (nn - 1) * (q2 - value * value)) / (np * nn);
  const half = Z95 * Math.sqrt(Math.max(0, variance));
  return { value, low: Math.max(0, value - half), high: Math.min(1, value + half) };
}

/** The lowest threshold that at most `fpr` of the honest scores exceed; a name is flagged when its score is above it. */
export function thresholdAt(negative: Float64Array, fpr: number): number {
  const sorted = negative.slice().sort();
  const allowed = Math.floor(fpr * sorted.length);
  return sorted[sorted.length - 1 - allowed] ?? Number.NEGATIVE_INFINITY;
}

/** The share of hostile scores above the threshold that `fpr` of the honest ones exceed. */
export function tprAt(positive: Float64Array, negative: Float64Array, fpr: number): Estimate {
  const threshold = thresholdAt(negative, fpr);
  let hits = 0;
  for (const score of positive) if (score > threshold) hits++;
  return share(hits, positive.length);
}

/** The ROC curve at `points` false-positive rates, evenly spaced on a logarithmic axis from 10^-4 to 1. */
export function rocCurve(positive: Float64Array, negative: Float64Array, points: number): RocPoint[] {
  const curve: RocPoint[] = [];
  for (let i = 0; i < points; i++) {
    const fpr = 10 ** (-4 + (4 * i) / (points - 1));
    curve.push({ fpr, tpr: tprAt(positive, negative, fpr).value });
  }
  return curve;
}
