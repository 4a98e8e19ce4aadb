import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { embeddedLexicon } from '../lists/score/lexicon.ts';
import type { ScoreThresholds } from '../src/score/model.ts';
import { createModel } from '../src/score/model.ts';
import { parseWeights } from '../src/score/weights.ts';
import { scoreFolder, timeScoring } from './eval-data.ts';
import { curvesOf, type Report, ratesOf, renderReport } from './eval-report.ts';
import { rocSvg } from './roc-svg.ts';

// Usage: bun train/eval.ts [DIR] [--json] [--roc FILE] [--model DIR]
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    roc: { type: 'string', default: join(import.meta.dirname, 'roc.svg') },
    model: { type: 'string', default: join(import.meta.dirname, '../lists/score') },
  },
});
const dir = positionals[0] ?? join(import.meta.dirname, '../../shared/data/domains');
if (!existsSync(dir)) {
  process.stderr.write(`no folder ${dir}: give one with the CSV files to score\n`);
  process.exit(2);
}
const bytes = readFileSync(join(values.model, 'weights.bin'));
const weights = parseWeights(bytes);
if (typeof weights === 'string') throw new Error(`cannot use ${values.model}/weights.bin: ${weights}`);
const { SCORE_THRESHOLDS }: { SCORE_THRESHOLDS: ScoreThresholds } = await import(
  join(values.model, 'thresholds.ts')
);
const model = createModel(weights, embeddedLexicon(), SCORE_THRESHOLDS);
const files = scoreFolder(dir, model);
const report: Report = {
  curves: curvesOf(files),
  rates: ratesOf(files),
  timing: timeScoring(files, model),
  weightBytes: bytes.length,
};
writeFileSync(values.roc, rocSvg(report.curves));
process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : renderReport(report));
