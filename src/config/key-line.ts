/**
 * The 1-based line of TOML text on which a key stands, or the nearest of its parents that is written; 1 when none is.
 * Good for pointing at a value that the schema refused: the text has already parsed, so it is well-formed.
 */
export function keyLine(text: string, path: readonly (string | number)[]): number {
  let best = { depth: 0, line: 1 };
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
      best = better(best, commonDepth(table, path), index + 1);
      continue;
    }
    const key = /^((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=/.exec(line);
    if (key?.[1] !== undefined)
      best = better(best, commonDepth([...table, ...splitKey(key[1])], path), index + 1);
  }
  return best.line;
}

function better(
  best: { depth: number; line: number },
  depth: number,
  line: number,
): { depth: number; line: number } {
  return depth > best.depth ? { depth, line } : best;
}

/** How many leading parts agree; 0 when `written` goes astray from `path` before its own end. */
function commonDepth(written: readonly (string | number)[], path: readonly (string | number)[]): number {
  for (const [i, part] of written.entries()) if (String(part) !== String(path[i])) return 0;
  return written.length;
}

function splitKey(key: string): string[] {
  return key.split(/\s*\.\s*/).map((part) => part.replace(/^["']|["']$/g, ''));
}
