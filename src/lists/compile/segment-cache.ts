import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AtomicFile } from '../../files/atomic-file.ts';
import { digestOf } from '../../files/digest.ts';
import { layoutSections, readSections, type Section, wordsOf } from '../../policy/hosts/file-format.ts';
import { SIDES, type Side } from '../../policy/lists/entry.ts';
import { bytesOf, crc32 } from './checksum.ts';
import type { ListInput } from './list-input.ts';
import { bySide, readSegment, type Segment } from './segment.ts';

/** Changes whenever reading a list gives other records than before: what was read earlier is then read again. */
export const READER_VERSION = 2;
// Smaller lists are read again faster than they are cached.
const CACHE_FROM_NAMES = 5_000;

const count = z.int().min(0);
const countsSchema = z.object({
  lines: count,
  entries: count,
  skipped: count,
  quarantined: count,
  samples: z.array(z.object({ line: count, reason: z.string(), text: z.string() })).max(20),
});
const metaSchema = z.object({ stamp: z.string(), counts: countsSchema });

/** Lists that were read before, one file each, so that a change of one does not mean reading all. */
export class SegmentCache {
  readonly #folder: string;
  readonly #key: Int32Array;
  readonly #keyDigest: string;
  readonly #used = new Set<string>();

  constructor(folder: string, key: Int32Array) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#folder = folder;
    this.#key = key;
    this.#keyDigest = digestOf(bytesOf(key));
  }

  /** The segment of a list, from the cache when neither its content nor the key changed. Throws when it cannot be read. */
  segment(input: ListInput): Segment {
    const name = `${createHash('sha256').update(`${input.kind}\0${input.name}`).digest('hex').slice(0, 32)}.segment`;
    const path = join(this.#folder, name);
    const stamp = JSON.stringify([
      READER_VERSION,
      this.#keyDigest,
      input.kind,
      input.format,
      input.path,
      input.digest,
    ]);
    const cached = load(path, stamp);
    if (cached !== null) {
      this.#used.add(name);
      return cached;
    }
    const segment = readSegment(input, this.#key);
    if (segment.counts.entries >= CACHE_FROM_NAMES) {
      save(path, stamp, segment);
      this.#used.add(name);
    }
    return segment;
  }

  /** Deletes the segments that were not asked for. */
  prune(): void {
    for (const name of readdirSync(this.#folder)) {
      if (name.endsWith('.segment') && !this.#used.has(name))
        rmSync(join(this.#folder, name), { force: true });
    }
  }
}

function save(path: string, stamp: string, segment: Segment): void {
  const sections: Section[] = [
    { name: 'meta', bytes: new TextEncoder().encode(JSON.stringify({ stamp, counts: segment.counts })) },
    ...SIDES.map((side, i) => ({ name: `names.${i}`, bytes: bytesOf(segment.names[side]) })),
    ...SIDES.map((side, i) => ({ name: `ranges.${i}`, bytes: bytesOf(segment.ranges[side]) })),
  ];
  const file = new AtomicFile(path);
  try {
    writeSections(file, sections);
    file.commit();
  } catch (error) {
    file.discard();
    throw error;
  }
}

/** Writes a file of sections. */
export function writeSections(file: AtomicFile, sections: readonly Section[]): void {
  const layout = layoutSections(sections, crc32);
  file.write(layout.header, 0);
  sections.forEach((section, i) => {
    file.write(section.bytes, layout.offsets[i] ?? 0);
  });
  // An empty last section writes nothing, so the file's end is found by the last one that does.
  const ends = sections.map(({ bytes }, i) =>
    bytes.length === 0 ? 0 : (layout.offsets[i] ?? 0) + bytes.length,
  );
  const end = Math.max(layout.header.length, ...ends);
  if (end < layout.totalBytes) file.write(new Uint8Array(layout.totalBytes - end), end);
}

/** Null when there is no whole file with this stamp: it is then made again. */
function load(path: string, stamp: string): Segment | null {
  if (!existsSync(path)) return null;
  const read = readSections(new Uint8Array(readFileSync(path)), crc32, () => true);
  if (read.kind === 'damaged') return null;
  const meta = metaSchema.safeParse(jsonOf(read.sections.get('meta')));
  if (!meta.success || meta.data.stamp !== stamp) return null;
  const words = (name: 'names' | 'ranges') =>
    bySide((side) => wordsOf(read.sections.get(`${name}.${SIDES.indexOf(side)}`) ?? new Uint8Array(1)));
  const [names, ranges] = [words('names'), words('ranges')];
  if (!isWhole(names) || !isWhole(ranges)) return null;
  return { counts: meta.data.counts as Segment['counts'], names, ranges };
}

function isWhole(arrays: Record<Side, Int32Array | null>): arrays is Record<Side, Int32Array> {
  return SIDES.every((side) => arrays[side] !== null);
}

function jsonOf(bytes: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
