import { join } from 'node:path';
import { runTraining } from './training-run.ts';

// Usage: bun train/train.ts [DATA] [OUT]
const [data, out] = process.argv.slice(2);
runTraining(
  data ?? join(import.meta.dirname, '../../shared/data/domains'),
  out ?? join(import.meta.dirname, '../lists/score'),
  (line) => process.stderr.write(`${line}\n`),
);
