import { join } from 'node:path';
import { dataFolder } from './data-folder.ts';
import { runTraining } from './training-run.ts';

// Usage: bun train/train.ts [DATA] [OUT]; DATA is RESOLAGENT_DATA when it is not given.
const [data, out] = process.argv.slice(2);
runTraining(dataFolder(data), out ?? join(import.meta.dirname, '../lists/score'), (line) =>
  process.stderr.write(`${line}\n`),
);
