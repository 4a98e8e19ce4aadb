import { RecordWriter } from '../../policy/hosts/build.ts';
import { ADDRESS_WORDS, type AddressRange } from '../../policy/hosts/ip-set.ts';
import { SIDES, type Side } from '../../policy/lists/entry.ts';
import type { ReadCounts } from '../../policy/lists/reader.ts';
import type { ListInput } from './list-input.ts';
import { readList } from './read-list.ts';

/** Most address ranges of one list. */
const RANGES_MAX = 1_000_000;

/** One list, read and hashed, ready to be put together with others. What is important is listed, or excepted, too. */
export interface Segment {
  readonly counts: ReadCounts;
  /** Records of names (hosts/build.ts). */
  readonly names: Readonly<Record<Side, Int32Array>>;
  /** Records of addresses (hosts/ip-set.ts) with list number 0. */
  readonly ranges: Readonly<Record<Side, Int32Array>>;
}

/** One value for each side. */
export function bySide<T>(make: (side: Side) => T): Record<Side, T> {
  return Object.fromEntries(SIDES.map((side) => [side, make(side)])) as Record<Side, T>;
}

/** Reads and hashes one list. Throws when its file cannot be read; what its lines hold never makes it throw. */
export function readSegment(input: ListInput, key: Int32Array): Segment {
  const { counts, sink } = readList(input, () => {
    const names = bySide(() => new RecordWriter(key));
    const ranges = bySide((): number[] => []);
    return {
      names,
      ranges,
      name: (host: string, side: Side, line: number) =>
        sidesOf(side, input).every((each) => names[each].add(host, line)),
      range: (range: AddressRange, side: Side, line: number) =>
        sidesOf(side, input).every((each) => addRange(ranges[each], range, line)),
    };
  });
  return {
    counts,
    names: bySide((side) => sink.names[side].records()),
    ranges: bySide((side) => Int32Array.from(sink.ranges[side])),
  };
}

const ALL_SIDES: Readonly<Record<Side, readonly Side[]>> = {
  listed: ['listed'],
  excepted: ['excepted'],
  important: ['important', 'listed'],
  important_excepted: ['important_excepted', 'excepted'],
};

/** In an allowlist an exception of adblock syntax is what the list is for. */
function sidesOf(side: Side, input: ListInput): readonly Side[] {
  return input.kind === 'allow' ? ALL_SIDES.listed : ALL_SIDES[side];
}

function addRange(records: number[], range: AddressRange, line: number): boolean {
  if (records.length >= RANGES_MAX * ADDRESS_WORDS) return false;
  records.push(range.kind, ...range.words, 0, line, 0);
  return true;
}
