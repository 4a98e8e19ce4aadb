import { readFileSync } from 'node:fs';

/** One labelled name: what stands in the first column, and the family or source in the second. */
export interface Row {
  readonly name: string;
  readonly group: string;
}

/** Reads `name,group[,…]` lines after one header line. The names hold no commas or quotes by the data's own rule. */
export function readRows(path: string): Row[] {
  const rows: Row[] = [];
  const lines = readFileSync(path, 'utf8').split('\n');
  for (let i = 1; i < lines.length; i++) {
    const line = (lines[i] ?? '').trim();
    if (line.length === 0) continue;
    const fields = line.split(',');
    rows.push({ name: fields[0] ?? '', group: fields[1] ?? '' });
  }
  return rows;
}
