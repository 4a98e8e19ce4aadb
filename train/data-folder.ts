import { existsSync } from 'node:fs';

/**
 * The folder of labelled names to read (CSV files as in test/fixtures/names): `given`, else what RESOLAGENT_DATA names. Ends the
 * program with exit code 2 and the remedy where there is none. Real names are no part of this repository.
 */
export function dataFolder(given: string | undefined): string {
  const folder = given ?? process.env.RESOLAGENT_DATA ?? '';
  if (existsSync(folder)) return folder;
  const what = folder === '' ? 'no folder of names' : `no folder ${folder}`;
  process.stderr.write(`${what}: name the folder with the CSV files, or set RESOLAGENT_DATA\n`);
  process.exit(2);
}
