type KeyPath = readonly (string | number)[];

/**
 * The 1-based lines of TOML text on which keys stand, or the nearest of their parents that is written; 1 where none is.
 * Good for pointing at values that the schema refused: the text has already parsed, so it is well-formed.
 */
export function keyLines(text: string, paths: readonly KeyPath[]): number[] {
  const best = paths.map(() => ({ depth: 0, line: 1 }));
  const found = (written: KeyPath, line: number): void => {
    for (const [i, path] of paths.entries()) {
      const depth = commonDepth(written, path);
      const before = best[i];
      if (before !== undefined && depth > before.depth) best[i] = { depth, line };
    }
  };
  let table: (string | number)[] = [];
  const arrays = new Map<string, number>();
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    const header = /^\[(\[)?\s*([^\]]+?)\s*\]/.exec(line);
    if (header?.[2] !== undefined) {
      table = splitKey(header[2]);
      if (header[1] !== undefined) {
        const name = table.join('.');
        const at = (arrays.get(name) ?? -1) + 1;
        arrays.set(name, at);
        table.push(at);
      }
      found(table, index + 1);
      continue;
    }
    const key = /^((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=/.exec(line);
    if (key?.[1] !== undefined) found([...table, ...splitKey(key[1])], index + 1);
  }
  return best.map(({ line }) => line);
}

/** How many leading parts agree; 0 when `written` goes astray from `path` before its own end. */
function commonDepth(written: readonly (string | number)[], path: readonly (string | number)[]): number {
  for (const [i, part] of written.entries()) if (String(part) !== String(path[i])) return 0;
  return written.length;
}

function splitKey(key: string): string[] {
  return key.split(/\s*\.\s*/).map((part) => part.replace(/^["']|["']$/g, ''));
}
