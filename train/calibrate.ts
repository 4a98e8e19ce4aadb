/** A line from raw scores to log-odds. */
export interface Calibration {
  readonly slope: number;
  readonly offset: number;
}

/** The share of hostile names that a probability assumes: 1 in 100 names that no rule or list has decided. */
export const ASSUMED_PRIOR = 0.01;
const STEPS = 60;

/**
 * Platt's line by Newton's method, each class given half of the weight, then moved to the assumed share of hostile
 * names. Scores must come from models that had not seen the names.
 */
export function calibrate(hostile: Float64Array, honest: Float64Array): Calibration {
  let slope = 0.5;
  let offset = 0;
  for (let step = 0; step < STEPS; step++) {
    const g = [0, 0];
    const h = [1e-9, 0, 1e-9];
    const add = (scores: Float64Array, label: number): void => {
      const weight = 0.5 / scores.length;
      for (const x of scores) {
        const p = 1 / (1 + Math.exp(-(slope * x + offset)));
        const d = weight * (p - label);
        const w = weight * p * (1 - p);
        g[0] = (g[0] ?? 0) + d * x;
        g[1] = (g[1] ?? 0) + d;
        h[0] = (h[0] ?? 0) + w * x * x;
        h[1] = (h[1] ?? 0) + w * x;
        h[2] = (h[2] ?? 0) + w;
      }
    };
    add(hostile, 1);
    add(honest, 0);
    const [a, b, c] = [h[0] ?? 0, h[1] ?? 0, h[2] ?? 0];
    const det = a * c - b * b;
    slope -= (c * (g[0] ?? 0) - b * (g[1] ?? 0)) / det;
    offset -= (a * (g[1] ?? 0) - b * (g[0] ?? 0)) / det;
  }
  return { slope, offset: offset + Math.log(ASSUMED_PRIOR / (1 - ASSUMED_PRIOR)) };
}
