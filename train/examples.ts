import { join } from 'node:path';
import type { Host } from '../src/model/brand.ts';
import { normalizeHost } from '../src/model/host.ts';
import { hashFinish, hashText } from '../src/score/feature-hash.ts';
import type { Lexicon } from '../src/score/lexicon.ts';
import { type NameParts, nameParts } from '../src/score/name-parts.ts';
import { readRows } from './csv.ts';

/** One labelled name. */
export interface Example {
  readonly parts: NameParts;
  readonly hostile: boolean;
  readonly weight: number;
  /** Family or source. */
  readonly group: string;
  /** The file it came from, without `.csv`. */
  readonly file: string;
  /** Which of the folds holds it out: by registrable domain, so that one domain never stands on both sides. */
  readonly fold: number;
}

/** Number of folds of every cross-validation. */
export const FOLDS = 5;

/** The fold of a text, the same in every run. */
export function foldOf(text: string): number {
  return hashFinish(hashText(text, 0, text.length), 0x666f6c64) % FOLDS;
}

/** Reads one file of the folder; names that no resolver would take are left out, as are repeated ones. */
export function readExamples(
  dir: string,
  file: string,
  hostile: boolean,
  lexicon: Lexicon,
  key: (parts: NameParts) => string,
  seen: Set<string> = new Set(),
): Example[] {
  const examples: Example[] = [];
  for (const row of readRows(join(dir, `${file}.csv`))) {
    const host = normalizeHost(row.name);
    if (host === null) continue;
    const example = exampleOf(host, hostile, row.group, file, lexicon);
    const unique = key(example.parts);
    if (seen.has(unique)) continue;
    seen.add(unique);
    examples.push(example);
  }
  return examples;
}

/** A host as an example of weight 1. */
export function exampleOf(
  host: Host,
  hostile: boolean,
  group: string,
  file: string,
  lexicon: Lexicon,
): Example {
  const parts = nameParts(host, lexicon);
  return { parts, hostile, weight: 1, group, file, fold: foldOf(parts.registrableDomain ?? host) };
}
