import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../src/model/brand.ts';
import type { Lexicon } from '../src/score/lexicon.ts';
import { nameParts } from '../src/score/name-parts.ts';
import { foldOf } from './examples.ts';

/** The two halves of a folder of names. */
export interface HoldOut {
  readonly trainDir: string;
  readonly testDir: string;
}

/** Families are held out whole when their fold is one of these. */
const FAMILY_FOLDS: ReadonlySet<number> = new Set([0, 1]);
const DOMAIN_FOLD = 0;

/**
 * Splits the CSV files of a folder for an honest measurement: a fifth of the registrable domains go to the test side, and
 * two fifths of the generator families go there whole, into `dga_new.csv`.
 */
export function holdOut(dataDir: string, workDir: string, lexicon: Lexicon): HoldOut {
  const split = { trainDir: join(workDir, 'train'), testDir: join(workDir, 'test') };
  mkdirSync(split.trainDir, { recursive: true });
  mkdirSync(split.testDir, { recursive: true });
  for (const file of readdirSync(dataDir).filter(
    (name) => name.endsWith('.csv') && !name.startsWith('aux_'),
  )) {
    const [header = '', ...lines] = readFileSync(join(dataDir, file), 'utf8').trimEnd().split('\n');
    const sides: Record<Side, string[]> = { train: [header], test: [header], family: [header] };
    for (const line of lines) sides[sideOf(line, file === 'dga.csv', lexicon)].push(line);
    writeFileSync(join(split.trainDir, file), `${sides.train.join('\n')}\n`);
    writeFileSync(join(split.testDir, file), `${sides.test.join('\n')}\n`);
    if (sides.family.length > 1)
      writeFileSync(join(split.testDir, 'dga_new.csv'), `${sides.family.join('\n')}\n`);
  }
  return split;
}

type Side = 'train' | 'test' | 'family';

function sideOf(line: string, hasFamilies: boolean, lexicon: Lexicon): Side {
  const [name = '', group = ''] = line.trim().split(',');
  if (hasFamilies && FAMILY_FOLDS.has(foldOf(`held out ${group}`))) return 'family';
  const domain = nameParts(name as Host, lexicon).registrableDomain ?? name;
  return foldOf(`held out ${domain}`) === DOMAIN_FOLD ? 'test' : 'train';
}
