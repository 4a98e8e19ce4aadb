import { buildHostSet, type ListRecords } from '../../policy/hosts/build.ts';
import type { Section } from '../../policy/hosts/file-format.ts';
import { ADDRESS_WORDS, sortAddresses } from '../../policy/hosts/ip-set.ts';
import type { Side } from '../../policy/lists/entry.ts';
import { LIST_KINDS, type ListKind } from '../../policy/lists/kinds.ts';
import { bytesOf } from './checksum.ts';
import type { ListInput } from './list-input.ts';
import {
  type CompiledList,
  type CompiledMeta,
  RANGE_NAMES,
  type RangeName,
  record,
  SET_NAMES,
  type SetName,
} from './meta.ts';
import type { Segment } from './segment.ts';

/** A list to compile: its segment, or why there is none. */
export interface CompileItem {
  readonly input: ListInput;
  readonly segment: Segment | null;
  readonly error: string | null;
}

const EMPTY = new Int32Array(0);

/** Inputs in the order in which their lists are numbered. */
export function inListOrder<T extends { readonly kind: ListKind }>(inputs: readonly T[]): T[] {
  return inputs.toSorted((a, b) => LIST_KINDS.indexOf(a.kind) - LIST_KINDS.indexOf(b.kind));
}

/** Makes the sections of a compiled file. Items must be in list order. */
export function compileSections(
  key: Int32Array,
  items: readonly CompileItem[],
  facts: { readonly inputs: string; readonly nowMs: number },
): Section[] {
  const names = (set: SetName) =>
    buildHostSet(
      key,
      items.map((item) => recordsFor(item, set)),
    );
  const sets = record(SET_NAMES, names);
  const tables = record(RANGE_NAMES, (table) => sortAddresses(rangesFor(items, table)));
  const meta: CompiledMeta = {
    inputs: facts.inputs,
    builtAt: facts.nowMs,
    reach: record(SET_NAMES, (set) => sets[set].parts.reach),
    lists: items.map((item, i) =>
      describe(item, sets[setOf(item.input.kind)].counts[i] ?? 0, sets.except.counts[i] ?? 0),
    ),
  };
  const entries = Object.entries(sets);
  // What every lookup reads comes first and together, what only a match reads comes last.
  return [
    { name: 'meta', bytes: new TextEncoder().encode(JSON.stringify(meta)) },
    { name: 'key', bytes: bytesOf(key) },
    ...entries.map(([name, set]) => ({ name: `${name}.tags`, bytes: bytesOf(set.parts.tags) })),
    ...Object.entries(tables).map(([name, table]) => ({ name: `${name}.ranges`, bytes: bytesOf(table) })),
    ...entries.map(([name, set]) => ({ name: `${name}.bases`, bytes: bytesOf(set.parts.bases) })),
    ...entries.map(([name, set]) => ({ name: `${name}.rows`, bytes: bytesOf(set.parts.rows) })),
  ];
}

/** The set that the entries of a kind of list go into. */
function setOf(kind: ListKind): 'block' | 'allow' | 'popular' | 'provider' {
  return kind === 'allow' || kind === 'popular' || kind === 'provider' ? kind : 'block';
}

/** What of a list of some kind goes into a set; null when nothing does. */
function sideOf(set: SetName, kind: ListKind): Side | null {
  if (set === 'except') return 'excepted';
  if (set === 'topBlock') return 'important';
  if (set === 'topExcept') return 'important_excepted';
  return setOf(kind) === set ? 'listed' : null;
}

function recordsFor(item: CompileItem, set: SetName): ListRecords {
  const { segment } = item;
  const lines = segment?.counts.lines ?? 0;
  if (segment === null) return { records: EMPTY, lines };
  const side = sideOf(set, item.input.kind);
  return { records: side === null ? EMPTY : segment.names[side], lines };
}

function rangesFor(items: readonly CompileItem[], table: RangeName): Int32Array {
  const all: Int32Array[] = items.map(({ input, segment }, list) => {
    const side = sideOf(table, input.kind);
    if (segment === null || side === null) return EMPTY;
    const numbered = segment.ranges[side].slice();
    for (let at = 5; at < numbered.length; at += ADDRESS_WORDS) numbered[at] = list;
    return numbered;
  });
  const joined = new Int32Array(all.reduce((sum, records) => sum + records.length, 0));
  let at = 0;
  for (const records of all) {
    joined.set(records, at);
    at += records.length;
  }
  return joined;
}

function describe(item: CompileItem, names: number, exceptions: number): CompiledList {
  const { input, segment, error } = item;
  return {
    name: input.name,
    kind: input.kind,
    digest: input.digest,
    lines: segment?.counts.lines ?? 0,
    names,
    ranges: (segment?.ranges.listed.length ?? 0) / ADDRESS_WORDS,
    exceptions,
    skipped: segment?.counts.skipped ?? 0,
    quarantined: segment?.counts.quarantined ?? 0,
    error,
  };
}
