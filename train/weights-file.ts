import {
  BODY_AT,
  HEADER_BYTES,
  TOTAL_BYTES,
  WEIGHTS_MAGIC,
  type Weights,
  weightsChecksum,
} from '../src/score/weights.ts';

/** Writes a weights file, the other half of `parseWeights`. */
export function serializeWeights(weights: Weights): Uint8Array {
  const bytes = new Uint8Array(TOTAL_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, WEIGHTS_MAGIC, true);
  for (const [i, model] of [weights.generated, weights.phishing].entries()) {
    for (const [j, value] of [model.scale, model.bias, model.slope, model.offset].entries()) {
      view.setFloat32(HEADER_BYTES + (i * 4 + j) * 4, value, true);
    }
  }
  let at = BODY_AT;
  for (const part of [weights.generated.weights, weights.phishing.weights, weights.letters]) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  view.setUint32(4, weightsChecksum(bytes), true);
  return bytes;
}
