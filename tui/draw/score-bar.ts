/** Cells on either side of the middle. */
const HALF_CELLS = 4;
/** Log-odds that fill one side. */
const FULL_PUSH = 6;

/**
 * A score signal as a bar that reads without colour, with a space behind it; empty for figures that are no push.
 * Signals of a model (`generated.letters`) push to the left, honest, or to the right, hostile: `  --|    `. Signals of the trust
 * score (`trust.age`, 0 to 1) fill from the left: `[###.]`; unknown ones are `[????]`.
 */
export function scoreBar(signal: string, value: number | null): string {
  const [model, name] = signal.split('.');
  if (name === undefined) return '';
  if (model === 'trust') return `[${trustCells(value)}] `;
  const cells = Math.min(HALF_CELLS, Math.round((Math.abs(value ?? 0) / FULL_PUSH) * HALF_CELLS));
  const left = (value ?? 0) < 0 ? '-'.repeat(cells) : '';
  const right = (value ?? 0) > 0 ? '+'.repeat(cells) : '';
  return `${left.padStart(HALF_CELLS)}|${right.padEnd(HALF_CELLS)} `;
}

function trustCells(value: number | null): string {
  if (value === null) return '?'.repeat(HALF_CELLS);
  return '#'.repeat(Math.round(value * HALF_CELLS)).padEnd(HALF_CELLS, '.');
}
