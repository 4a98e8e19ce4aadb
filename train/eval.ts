import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { embeddedLexicon } from '../lists/score/lexicon.ts';
import { createModel, type ScoreModel, type ScoreThresholds } from '../src/score/model.ts';
import { parseWeights } from '../src/score/weights.ts';
import { dataFolder } from './data-folder.ts';
import { scoreFolder, timeScoring } from './eval-data.ts';
import { curvesOf, type Report, ratesOf, renderReport } from './eval-report.ts';
import { holdOut } from './hold-out.ts';
import { rocSvg } from './roc-svg.ts';
import { OUTPUT, runTraining } from './training-run.ts';

// Usage: bun train/eval.ts [DIR] [--json] [--roc FILE] [--model DIR]
// Without DIR it trains on four fifths of RESOLAGENT_DATA, measures on the rest (names and families not seen) and draws
// train/roc.svg; with DIR it draws only where --roc says.
const PICTURE = join(import.meta.dirname, 'roc.svg');
const EMBEDDED = join(import.meta.dirname, '../lists/score');

interface Loaded {
  readonly model: ScoreModel;
  readonly weightBytes: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    roc: { type: 'string' },
    model: { type: 'string', default: EMBEDDED },
  },
});
const dir = positionals[0];
const data = dataFolder(dir);
const report = dir === undefined ? await heldOut() : measure(await load(resolve(values.model)), data);
const picture = values.roc ?? (dir === undefined ? PICTURE : undefined);
if (picture !== undefined) writeFileSync(picture, rocSvg(report.curves));
process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : renderReport(report));

async function heldOut(): Promise<Report> {
  const work = mkdtempSync(join(tmpdir(), 'resolagent-eval-'));
  try {
    const { trainDir, testDir } = holdOut(data, work, embeddedLexicon());
    process.stderr.write('training on four fifths, measuring on the rest\n');
    runTraining(trainDir, work, (line) => process.stderr.write(`${line}\n`));
    return measure(await load(work), testDir);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function load(from: string): Promise<Loaded> {
  const bytes = readFileSync(join(from, OUTPUT.weights));
  const weights = parseWeights(bytes);
  if (typeof weights === 'string') throw new Error(`cannot use ${from}/${OUTPUT.weights}: ${weights}`);
  // The file holds nothing but constants, its imports are types, so it loads from anywhere.
  const { SCORE_THRESHOLDS }: { SCORE_THRESHOLDS: ScoreThresholds } = await import(
    join(from, OUTPUT.thresholds)
  );
  return {
    model: createModel(
      weights,
      embeddedLexicon(),
      readFileSync(join(from, OUTPUT.popular)),
      SCORE_THRESHOLDS,
    ),
    weightBytes: bytes.length,
  };
}

function measure({ model, weightBytes }: Loaded, from: string): Report {
  const files = scoreFolder(from, model);
  return { curves: curvesOf(files), rates: ratesOf(files), timing: timeScoring(files, model), weightBytes };
}
