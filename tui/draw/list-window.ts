/** Which rows of a long list are drawn: from `top`, `count` of them. */
export interface ListWindow {
  readonly top: number;
  readonly count: number;
}

/** Keeps the chosen row on the screen line it stood on, as far as the list and the height allow. */
export function listWindow(total: number, chosen: number, line: number, height: number): ListWindow {
  const rows = Math.max(0, height);
  const inside = Math.min(Math.max(0, line), Math.max(0, rows - 1));
  const top = Math.min(Math.max(0, chosen - inside), Math.max(0, total - rows));
  return { top, count: Math.min(rows, total - top) };
}

/** Where the choice goes from `index` by `delta`, and the screen line it then stands on. */
export function moveChoice(
  total: number,
  index: number,
  line: number,
  delta: number,
  height: number,
): { readonly index: number; readonly line: number } {
  const next = Math.min(Math.max(0, index + delta), Math.max(0, total - 1));
  const nextLine = Math.min(Math.max(0, line + (next - index)), Math.max(0, height - 1));
  return { index: next, line: nextLine };
}
