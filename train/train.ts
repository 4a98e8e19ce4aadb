import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { embeddedLexicon } from '../lists/score/lexicon.ts';
import { FeatureSink } from '../src/score/features.ts';
import { generatedFeatures } from '../src/score/generated-features.ts';
import { packPopular } from '../src/score/popular.ts';
import { type LinearWeights, serializeWeights } from '../src/score/weights.ts';
import { ASSUMED_PRIOR, type Calibration, calibrate } from './calibrate.ts';
import { type Example, readExamples } from './examples.ts';
import { type GeneratedTraining, trainGenerated } from './generated-training.ts';
import type { Linear } from './linear.ts';
import { burstThresholds, chooseAll, type Held } from './measure.ts';
import { trainPhishing } from './phishing-training.ts';
import { popularNames } from './popular-names.ts';
import { renderThresholds } from './render-thresholds.ts';

const DATA = process.argv[2] ?? join(import.meta.dirname, '../../shared/data/domains');
const OUT = process.argv[3] ?? join(import.meta.dirname, '../lists/score');
const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};
const hostKey = (parts: Example['parts']): string => parts.host;
const labelKey = (parts: Example['parts']): string => parts.host.slice(parts.labelStart);

const lexicon = embeddedLexicon();
const sink = new FeatureSink();
const seen = new Set<string>();
const phishing = readExamples(DATA, 'phishing', true, lexicon, hostKey, seen);
const hosts = readExamples(DATA, 'benign_hosts', false, lexicon, hostKey, seen);
const cdn = readExamples(DATA, 'cdn_hosts', false, lexicon, hostKey, seen);
const domains = readExamples(DATA, 'benign_domains', false, lexicon, hostKey);
const malware = readExamples(DATA, 'malware', true, lexicon, hostKey);
say(`read ${phishing.length} phishing, ${hosts.length} hosts, ${cdn.length} cdn, ${domains.length} domains`);

const labels = new Set<string>();
const unique = (example: Example): boolean => {
  const key = labelKey(example.parts);
  if (labels.has(key) || example.parts.hostedBy === 'provider') return false;
  labels.add(key);
  return true;
};
const honestLabels = [...domains, ...hosts].filter(unique);
const generatedNames = readExamples(DATA, 'dga', true, lexicon, hostKey);
const generated = trainGenerated(honestLabels, generatedNames, lexicon);
const generatedCalibration = calibrateGenerated(generated);
say(
  `generated names: slope ${generatedCalibration.slope.toFixed(3)} offset ${generatedCalibration.offset.toFixed(3)}`,
);

const ALEXA_WEIGHT = 0.5;
const CDN_WEIGHT = 0.3;
/** Honest internationalized names are few in the lists and ten times as many among phishing: an alphabet is no evidence. */
const INTERNATIONAL_WEIGHT = 8;
const weigh = (example: Example): Example => ({ ...example, weight: weightOf(example) });
const whole = [...phishing, ...hosts, ...cdn, ...domains].map(weigh);
const generatedLogits = Float64Array.from(whole, (example) => heldLogit(example));
const phish = trainPhishing(whole, generatedLogits, generated.letters, lexicon);
const phishCalibration = calibrate(
  phish.scores.filter((_, i) => whole[i]?.hostile === true),
  phish.scores.filter((_, i) => whole[i]?.file === 'benign_hosts' || whole[i]?.group === 'tranco26'),
);
say(`phishing: slope ${phishCalibration.slope.toFixed(3)} offset ${phishCalibration.offset.toFixed(3)}`);

const openDns = domains.filter((example) => example.group === 'odtop14' && heldLogit(example) < 0);
const popular = packPopular(popularNames(openDns, [...phishing, ...malware], lexicon));
const held: Held[] = whole.map((example, i) => ({
  example,
  generated: generatedLogits[i] ?? 0,
  phishing: phishCalibration.slope * (phish.scores[i] ?? 0) + phishCalibration.offset,
}));
const chosen = chooseAll(held, popular, lexicon);
const burst = burstThresholds(held, generated, generatedCalibration);
const bytes = serializeWeights({
  generated: quantize(generated.final, generatedCalibration),
  phishing: quantize(phish.final, phishCalibration),
  letters: generated.letters,
  popularCounts: popular.counts,
  popularTails: popular.tails,
});
writeFileSync(join(OUT, 'weights.bin'), bytes);
writeFileSync(join(OUT, 'thresholds.ts'), renderThresholds(chosen, burst, ASSUMED_PRIOR));
say(`wrote ${bytes.length} bytes of weights, ${popular.tails.length} popular names`);

/** Calibrated answer of a generated-name model that had not seen the example's registrable domain. */
function heldLogit(example: Example): number {
  const model = generated.foldModels[example.fold];
  if (model === undefined) throw new Error('a fold without a model');
  generatedFeatures(example.parts, generated.letters, sink);
  let sum = model.bias;
  for (let i = 0; i < sink.count; i++) sum += model.weights[sink.indexes[i] ?? 0] ?? 0;
  return generatedCalibration.slope * sum + generatedCalibration.offset;
}

function weightOf({ file, group, hostile, parts }: Example): number {
  if (hostile) return 1;
  const source =
    file === 'cdn_hosts' ? CDN_WEIGHT : file === 'benign_domains' && group !== 'tranco26' ? ALEXA_WEIGHT : 1;
  return parts.host.includes('xn--') ? source * INTERNATIONAL_WEIGHT : source;
}

function calibrateGenerated(training: GeneratedTraining): Calibration {
  const of = (hostile: boolean): Float64Array =>
    training.newScores.filter((_, i) => training.examples[i]?.hostile === hostile);
  return calibrate(of(true), of(false));
}

function quantize(model: Linear, calibration: Calibration): LinearWeights {
  let most = 0;
  for (const weight of model.weights) most = Math.max(most, Math.abs(weight));
  const scale = most / 127;
  return {
    weights: Int8Array.from(model.weights, (w) => Math.round(w / scale)),
    scale,
    bias: model.bias,
    ...calibration,
  };
}
