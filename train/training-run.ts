import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { embeddedLexicon } from '../lists/score/lexicon.ts';
import { FeatureSink } from '../src/score/features.ts';
import { generatedFeatures } from '../src/score/generated-features.ts';
import type { LinearWeights } from '../src/score/weights.ts';
import { ASSUMED_PRIOR, type Calibration, calibrate } from './calibrate.ts';
import { honestLabels, readDataset, wholeHosts } from './dataset.ts';
import type { Example } from './examples.ts';
import { type GeneratedTraining, trainGenerated } from './generated-training.ts';
import type { Linear } from './linear.ts';
import { burstThresholds, chooseAll, type Held } from './measure.ts';
import { trainPhishing } from './phishing-training.ts';
import { popularNames } from './popular-names.ts';
import { renderThresholds } from './render-thresholds.ts';
import { serializeWeights } from './weights-file.ts';

/** Names of what a run writes. */
export const OUTPUT = {
  weights: 'weights.bin',
  thresholds: 'thresholds.ts',
  popular: 'popular.txt',
} as const;

/**
 * Trains both models from the CSV files in `dataDir` and writes the weights and thresholds into `outDir`. The same files
 * give the same bytes. About 20 s on one core; `say` hears how it goes.
 */
export function runTraining(dataDir: string, outDir: string, say: (line: string) => void): void {
  const lexicon = embeddedLexicon();
  const data = readDataset(dataDir, lexicon);
  say(`read ${data.phishing.length} phishing, ${data.hosts.length} hosts, ${data.domains.length} domains`);
  const generated = trainGenerated(honestLabels(data), data.generated, lexicon);
  const line = calibrateGenerated(generated);
  say(`generated names: slope ${line.slope.toFixed(3)}, offset ${line.offset.toFixed(3)}`);
  const heldLogit = heldScorer(generated, line);
  const whole = wholeHosts(data);
  const generatedLogits = Float64Array.from(whole, heldLogit);
  const phishing = trainPhishing(whole, generatedLogits, generated.letters, lexicon);
  const phishingLine = calibratePhishing(phishing.scores, whole);
  say(`phishing: slope ${phishingLine.slope.toFixed(3)}, offset ${phishingLine.offset.toFixed(3)}`);
  const openDns = data.domains.filter((example) => example.group === 'odtop14' && heldLogit(example) < 0);
  const popular = popularNames(openDns, [...data.phishing, ...data.malware], lexicon);
  const popularText = new TextEncoder().encode(`${[...popular].sort().join('\n')}\n`);
  const held: Held[] = whole.map((example, i) => ({
    example,
    generated: generatedLogits[i] ?? 0,
    phishing: phishingLine.slope * (phishing.scores[i] ?? 0) + phishingLine.offset,
  }));
  const thresholds = renderThresholds(
    chooseAll(held, popularText, lexicon),
    burstThresholds(held, generated, line),
    ASSUMED_PRIOR,
  );
  const bytes = serializeWeights({
    generated: quantize(generated.final, line),
    phishing: quantize(phishing.final, phishingLine),
    letters: generated.letters,
  });
  writeFileSync(join(outDir, OUTPUT.weights), bytes);
  writeFileSync(join(outDir, OUTPUT.thresholds), thresholds);
  writeFileSync(join(outDir, OUTPUT.popular), popularText);
  say(`wrote ${bytes.length} bytes of weights, ${popular.size} popular names`);
}

/** Calibrated answers of generated-name models that had not seen the example's registrable domain. */
function heldScorer(training: GeneratedTraining, line: Calibration): (example: Example) => number {
  const sink = new FeatureSink();
  return (example) => {
    const model = training.foldModels[example.fold];
    if (model === undefined) throw new Error('a fold without a model');
    generatedFeatures(example.parts, training.letters, sink);
    let sum = model.bias;
    for (let i = 0; i < sink.count; i++) sum += model.weights[sink.indexes[i] ?? 0] ?? 0;
    return line.slope * sum + line.offset;
  };
}

function calibrateGenerated({ newScores, examples }: GeneratedTraining): Calibration {
  const of = (hostile: boolean): Float64Array => newScores.filter((_, i) => examples[i]?.hostile === hostile);
  return calibrate(of(true), of(false));
}

function calibratePhishing(scores: Float64Array, whole: readonly Example[]): Calibration {
  const current = ({ file, group }: Example): boolean => file === 'benign_hosts' || group === 'tranco26';
  return calibrate(
    scores.filter((_, i) => whole[i]?.hostile === true),
    scores.filter((_, i) => whole[i] !== undefined && current(whole[i])),
  );
}

function quantize(model: Linear, line: Calibration): LinearWeights {
  let most = 0;
  for (const weight of model.weights) most = Math.max(most, Math.abs(weight));
  const scale = most / 127;
  return {
    weights: Int8Array.from(model.weights, (w) => Math.round(w / scale)),
    scale,
    bias: model.bias,
    ...line,
  };
}
