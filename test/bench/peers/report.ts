import { FIGURES, type Figure } from './measure.ts';
import type { Results } from './results.ts';
import type { SubjectName } from './subject.ts';
import { type Outcome, outcomes } from './targets.ts';

const ALL_FIGURES = Object.keys(FIGURES) as Figure[];

/** The tables: medians, the firewall's ratios to each peer, and the targets. */
export function asText(results: Results): string {
  const subjects = measured(results);
  const figures = ALL_FIGURES.filter((figure) =>
    subjects.some((name) => results.median(name, figure) !== null),
  );
  const rows = (cell: (subject: SubjectName, figure: Figure) => number | null): string[][] =>
    figures.map((figure) => [FIGURES[figure], ...subjects.map((name) => short(cell(name, figure)))]);
  const parts = [
    'medians (of this machine, now)',
    table([['', ...subjects], ...rows((name, figure) => results.median(name, figure))]),
    'resolagent ÷ the others (median of the rounds)',
    table([['', ...subjects], ...rows((name, figure) => results.ratio('resolagent', name, figure))]),
    'targets',
    table(outcomes(results).map(targetRow)),
    ...results.notes.map((note) => `note: ${note}`),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The same as an object. */
export function asJson(results: Results): unknown {
  const subjects = measured(results);
  const collect = (cell: (subject: SubjectName, figure: Figure) => number | null): unknown =>
    Object.fromEntries(
      subjects.map((name) => [
        name,
        Object.fromEntries(ALL_FIGURES.map((figure) => [figure, cell(name, figure)])),
      ]),
    );
  return {
    medians: collect((name, figure) => results.median(name, figure)),
    ratios: collect((name, figure) => results.ratio('resolagent', name, figure)),
    targets: outcomes(results),
    notes: results.notes,
  };
}

function measured(results: Results): SubjectName[] {
  return results.subjects.filter((name) =>
    ALL_FIGURES.some((figure) => results.median(name, figure) !== null),
  );
}

function targetRow({ text, is, limit, value, met }: Outcome): string[] {
  const word = met === null ? 'not measured' : met ? 'pass' : 'MISS';
  return [text, `${is} ${short(limit)}`, short(value), word];
}

/** Three figures are more than the noise leaves. */
function short(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–';
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return rows.map(line).join('\n');
}
