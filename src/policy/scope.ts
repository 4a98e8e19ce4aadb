import { cleanText } from '../model/clean.ts';
import { isPrivate } from '../model/ip.ts';
import type { HostPattern } from '../model/rule.ts';
import type { Subject } from '../model/subject.ts';
import { parsePattern, patternText } from './rules/host-pattern.ts';
import { emptyIndex, setValue, valueAt, visitPatterns } from './rules/pattern-index.ts';

/** One thing that a scope or jail may reach. */
export interface ScopeEntry {
  readonly host: HostPattern;
  /** Null for every port. */
  readonly port: number | null;
}

/** The allow list of a scope or jail: what it does not name is blocked. */
export interface ScopeRules {
  /** What the scope is called in evidence; cleaned. */
  readonly name: string;
  /**
   * The entry that covers a connection, or null. `*` does not cover private, loopback and link-local addresses: the
   * metadata service and the local network must be named.
   */
  match(subject: Subject): ScopeEntry | null;
}

export type CompiledScope =
  | { readonly ok: true; readonly scope: ScopeRules }
  | { readonly ok: false; readonly error: string };

interface Bucket {
  readonly isAny: boolean;
  readonly entries: ScopeEntry[];
}

const NAME_MAX_CHARS = 60;

/**
 * Prepares a scope; one entry that cannot be read refuses the whole, since the command would fail in ways hard to see.
 * @public The doors `scope` and `jail`, which are not built yet, call it.
 */
export function compileScope(name: string, entries: readonly ScopeEntry[]): CompiledScope {
  const index = emptyIndex<Bucket>();
  for (const entry of entries) {
    const read = parsePattern(entry.host);
    if (!read.ok) return read;
    const bucket = valueAt(index, read.pattern) ?? { isAny: read.pattern.kind === 'any', entries: [] };
    bucket.entries.push({ host: patternText(read.pattern), port: entry.port });
    setValue(index, read.pattern, bucket);
  }
  const scope = {
    name: cleanText(name, NAME_MAX_CHARS),
    match: (subject: Subject) => visitPatterns(index, subject, null, entryFor),
  };
  return { ok: true, scope };
}

function entryFor(bucket: Bucket, subject: Subject): ScopeEntry | null {
  if (bucket.isAny && subject.ip !== null && isPrivate(subject.ip)) return null;
  return bucket.entries.find((entry) => entry.port === null || entry.port === subject.port) ?? null;
}
