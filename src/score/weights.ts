import { HASH_START, hashStep } from './feature-hash.ts';
import { GENERATED_BUCKETS } from './generated-features.ts';
import { PHISHING_BUCKETS } from './phishing-features.ts';
import { TRIGRAM_ENTRIES } from './trigram.ts';

/** A trained linear model: `logit = slope · (bias + scale · Σ weights) + offset`. */
export interface LinearWeights {
  readonly weights: Int8Array;
  /** What one unit of a weight is worth. */
  readonly scale: number;
  readonly bias: number;
  /** Calibration, fitted on names held out of training. */
  readonly slope: number;
  readonly offset: number;
}

/** Everything the trainer writes, as views into one file. */
export interface Weights {
  readonly generated: LinearWeights;
  readonly phishing: LinearWeights;
  /** Letter model of honest names: see `trigramCost`. */
  readonly letters: Uint8Array;
}

/** `RSW1` and a checksum, then eight parameters, then the tables. */
export const WEIGHTS_MAGIC = 0x31575352;
export const HEADER_BYTES = 8;
const PARAMETERS = 8;
export const BODY_AT = HEADER_BYTES + PARAMETERS * 4;
export const TOTAL_BYTES = BODY_AT + GENERATED_BUCKETS + PHISHING_BUCKETS + TRIGRAM_ENTRIES;

/** Why a weights file cannot be used. */
export type WeightsError = 'wrong_size' | 'not_weights' | 'damaged';

/** Reads a weights file without copying it; `bytes` must not change afterwards. Little-endian machines only, as all ours are. */
export function parseWeights(bytes: Uint8Array): Weights | WeightsError {
  if (bytes.length !== TOTAL_BYTES) return 'wrong_size';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== WEIGHTS_MAGIC) return 'not_weights';
  if (view.getUint32(4, true) !== weightsChecksum(bytes)) return 'damaged';
  let at = BODY_AT;
  const take = (length: number): number => {
    at += length;
    return bytes.byteOffset + at - length;
  };
  const parameter = (i: number): number => view.getFloat32(HEADER_BYTES + i * 4, true);
  const linear = (buckets: number, first: number): LinearWeights => ({
    weights: new Int8Array(bytes.buffer, take(buckets), buckets),
    scale: parameter(first),
    bias: parameter(first + 1),
    slope: parameter(first + 2),
    offset: parameter(first + 3),
  });
  const generated = linear(GENERATED_BUCKETS, 0);
  const phishing = linear(PHISHING_BUCKETS, 4);
  return {
    generated,
    phishing,
    letters: new Uint8Array(bytes.buffer, take(TRIGRAM_ENTRIES), TRIGRAM_ENTRIES),
  };
}

/** The checksum in the header, over all that comes behind the header. */
export function weightsChecksum(bytes: Uint8Array): number {
  let hash = HASH_START;
  for (let i = HEADER_BYTES; i < bytes.length; i++) hash = hashStep(hash, bytes[i] ?? 0);
  return hash >>> 0;
}
