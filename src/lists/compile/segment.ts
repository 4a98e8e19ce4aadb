import { RecordWriter } from '../../policy/hosts/build.ts';
import { ADDRESS_WORDS, type AddressRange } from '../../policy/hosts/ip-set.ts';
import { ListReader, type ListSink, type ReadCounts } from '../../policy/lists/reader.ts';
import { readListFile } from './list-file.ts';
import type { ListInput } from './list-input.ts';

/** Most address ranges of one list. */
const RANGES_MAX = 1_000_000;

/** One list, read and hashed, ready to be put together with others. */
export interface Segment {
  readonly counts: ReadCounts;
  /** Records of names (host-set-build.ts) that the list is for, and of those it takes out of itself. */
  readonly listed: Int32Array;
  readonly excepted: Int32Array;
  /** Records of addresses (host-set-ip.ts) with list number 0. */
  readonly listedRanges: Int32Array;
  readonly exceptedRanges: Int32Array;
}

/** Reads and hashes one list. Throws when its file cannot be read; what its lines hold never makes it throw. */
export function readSegment(input: ListInput, key: Int32Array): Segment {
  const listed = new RecordWriter(key);
  const excepted = new RecordWriter(key);
  const listedRanges: number[] = [];
  const exceptedRanges: number[] = [];
  // In an allowlist an exception of adblock syntax is what the list is for.
  const isListed = (side: 'listed' | 'excepted') => side === 'listed' || input.kind === 'allow';
  const sink: ListSink = {
    name: (host, side, line) => (isListed(side) ? listed : excepted).add(host, line),
    range: (range, side, line) => addRange(isListed(side) ? listedRanges : exceptedRanges, range, line),
  };
  const reader = new ListReader(input.format, sink, { providers: input.kind === 'provider' });
  readListFile(input, (bytes) => reader.push(bytes));
  return {
    counts: reader.end(),
    listed: listed.records(),
    excepted: excepted.records(),
    listedRanges: Int32Array.from(listedRanges),
    exceptedRanges: Int32Array.from(exceptedRanges),
  };
}

function addRange(records: number[], range: AddressRange, line: number): boolean {
  if (records.length >= RANGES_MAX * ADDRESS_WORDS) return false;
  records.push(range.kind, ...range.words, 0, line, 0);
  return true;
}
