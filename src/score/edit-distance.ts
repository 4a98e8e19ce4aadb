/** Longest text compared; longer ones count as far apart. */
const MAX_CHARS = 64;

/**
 * Edits (insert, delete, replace, swap of neighbours) from `text[start, end)` to `word`, or 3 when there are more than two.
 * Optimal string alignment over a band of two; no allocation but three small rows.
 */
export function editDistance(text: string, start: number, end: number, word: string): 0 | 1 | 2 | 3 {
  const n = end - start;
  const m = word.length;
  if (Math.abs(n - m) > 2 || n > MAX_CHARS || m > MAX_CHARS) return 3;
  let before = new Uint8Array(m + 1);
  let above = new Uint8Array(m + 1).map((_, j) => Math.min(3, j));
  let row = new Uint8Array(m + 1);
  for (let i = 1; i <= n; i++) {
    row.fill(3);
    row[0] = Math.min(3, i);
    const c = text.charCodeAt(start + i - 1);
    for (let j = Math.max(1, i - 2); j <= Math.min(m, i + 2); j++) {
      const d = word.charCodeAt(j - 1);
      let best = Math.min(
        (above[j] ?? 3) + 1,
        (row[j - 1] ?? 3) + 1,
        (above[j - 1] ?? 3) + (c === d ? 0 : 1),
      );
      const swapped =
        i > 1 && j > 1 && c === word.charCodeAt(j - 2) && text.charCodeAt(start + i - 2) === d && c !== d;
      if (swapped) best = Math.min(best, (before[j - 2] ?? 3) + 1);
      row[j] = Math.min(3, best);
    }
    [before, above, row] = [above, row, before];
  }
  const distance = above[m] ?? 3;
  return distance >= 3 ? 3 : distance === 2 ? 2 : distance === 1 ? 1 : 0;
}
