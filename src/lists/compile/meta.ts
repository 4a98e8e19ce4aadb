import type { ListKind } from '../../policy/lists/kinds.ts';

/** The sets of a compiled file; `topBlock` and `topExcept` are what is important of `block` and `except`. */
export const SET_NAMES = [
  'block',
  'except',
  'topBlock',
  'topExcept',
  'allow',
  'popular',
  'provider',
] as const;
export type SetName = (typeof SET_NAMES)[number];
/** The address tables of a compiled file. */
export const RANGE_NAMES = ['block', 'except', 'topBlock', 'topExcept', 'allow'] as const;
export type RangeName = (typeof RANGE_NAMES)[number];

/** One value for each name. */
export function record<K extends string, V>(names: readonly K[], make: (name: K) => V): Record<K, V> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<K, V>;
}

/** What a compiled file says of one of its lists. */
export interface CompiledList {
  readonly name: string;
  readonly kind: ListKind;
  readonly digest: string;
  readonly lines: number;
  /** Different names, and address ranges. */
  readonly names: number;
  readonly ranges: number;
  readonly exceptions: number;
  readonly skipped: number;
  readonly quarantined: number;
  /** Why the list could not be read; it is then empty. */
  readonly error: string | null;
}

/** The `meta` section of a compiled file. */
export interface CompiledMeta {
  /** Digest of everything that went in; equal means that compiling again would change nothing. */
  readonly inputs: string;
  /** Milliseconds since 1970. */
  readonly builtAt: number;
  readonly reach: Readonly<Record<SetName, number>>;
  readonly lists: readonly CompiledList[];
}

/**
 * Reads a `meta` section; null when it is not one. It is this program's own, under a checksum and a format version, so that its
 * shape is only looked at roughly; a schema would take longer than all the rest of opening a file.
 */
export function readMeta(bytes: Uint8Array): CompiledMeta | null {
  const value: unknown = jsonOf(bytes);
  if (typeof value !== 'object' || value === null) return null;
  const meta = value as Partial<CompiledMeta>;
  const whole =
    typeof meta.inputs === 'string' &&
    typeof meta.builtAt === 'number' &&
    typeof meta.reach === 'object' &&
    Array.isArray(meta.lists);
  return whole ? (meta as CompiledMeta) : null;
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
