import { readFileSync } from 'node:fs';
import { createModel, type ScoreModel } from '../../src/score/model.ts';
import { parseWeights } from '../../src/score/weights.ts';
import { embeddedLexicon } from './lexicon.ts';
import popularPath from './popular.txt' with { type: 'file' };
import { SCORE_THRESHOLDS } from './thresholds.ts';
import weightsPath from './weights.bin' with { type: 'file' };

/**
 * The model that the binary carries, with the thresholds the trainer measured. A few milliseconds; call it once a thread.
 * Throws when the embedded file is damaged, which is a broken build.
 */
export function embeddedModel(): ScoreModel {
  const weights = parseWeights(readFileSync(weightsPath));
  if (typeof weights === 'string') throw new Error(`the embedded model weights cannot be used: ${weights}`);
  return createModel(weights, embeddedLexicon(), readFileSync(popularPath), SCORE_THRESHOLDS);
}
