import { readFileSync } from 'node:fs';

/** `hosting` names are chosen by customers: the owner can be named, but vouches for nothing. */
const OWNER_KINDS = ['cdn', 'cloud', 'platform', 'hosting', 'service', 'ads', 'analytics', 'social'] as const;
export type OwnerKind = (typeof OWNER_KINDS)[number];

/** Whose a name is. */
export interface Owner {
  readonly owner: string;
  readonly kind: OwnerKind;
}

/** The owners that a provider list states beside its names, by line; read when first asked for. */
export class OwnerTable {
  readonly #files = new Map<string, readonly string[]>();

  /** The owner on a line of an embedded provider list; null when the line states none. */
  at(path: string, line: number): Owner | null {
    let lines = this.#files.get(path);
    if (lines === undefined) {
      lines = readFileSync(path, 'utf8').split('\n');
      this.#files.set(path, lines);
    }
    return parseOwner(lines[line - 1] ?? '');
  }
}

/** Reads `name # owner · kind`. */
function parseOwner(line: string): Owner | null {
  const match = /\s#\s+(.+?)\s+·\s+(\w+)\s*$/.exec(line);
  const kind = OWNER_KINDS.find((known) => known === match?.[2]);
  return match?.[1] === undefined || kind === undefined ? null : { owner: match[1], kind };
}
