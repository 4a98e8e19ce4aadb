import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AtomicFile } from '../../files/atomic-file.ts';
import { digestOf } from '../../files/digest.ts';
import { RECORD_WORDS } from '../../policy/hosts/build.ts';
import { layoutSections, type Section } from '../../policy/hosts/file-format.ts';
import { crc32, newKey } from './checksum.ts';
import { type CompileItem, compileSections, inListOrder } from './compile.ts';
import { openCompiled } from './compiled-lists.ts';
import type { ListInput } from './list-input.ts';
import { readSegment, type Segment } from './segment.ts';
import { READER_VERSION, SegmentCache, writeSections } from './segment-cache.ts';

const PROOF_RECORDS = 64;

/** What the compiler is told. */
export interface CompileJob {
  readonly inputs: readonly ListInput[];
  /** Folder of compiled lists; null compiles in memory. */
  readonly folder: string | null;
  /** The key of the set in force, so that lists that did not change need not be read again; null for a new one. */
  readonly key: Int32Array | null;
  readonly nowMs: number;
}

/** Where the result is: in the folder's file, or here. */
export type CompileResult =
  | { readonly kind: 'file' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** The compiled file of a folder. */
export const compiledPath = (folder: string): string => join(folder, 'compiled');

/** Tells sets of inputs apart. */
export function inputsDigest(inputs: readonly ListInput[]): string {
  return digestOf(JSON.stringify([READER_VERSION, inListOrder(inputs)]));
}

/**
 * Reads and compiles lists, proves the result by reading it back, and only then puts it in place of the former one. A list that
 * cannot be read is left out and carries its error, unless it is embedded. Throws when the result cannot be written; the former
 * one then stays.
 */
export function runCompile(job: CompileJob): CompileResult {
  const key = job.key ?? newKey();
  const cache = job.folder === null ? null : new SegmentCache(join(job.folder, 'segments'), key);
  const items = inListOrder(job.inputs).map((input) => itemOf(input, key, cache));
  const sections = compileSections(key, items, { inputs: inputsDigest(job.inputs), nowMs: job.nowMs });
  if (job.folder === null) {
    const bytes = inMemory(sections);
    prove(bytes, items);
    return { kind: 'bytes', bytes };
  }
  const file = new AtomicFile(compiledPath(job.folder));
  try {
    writeSections(file, sections);
    file.flush();
    prove(new Uint8Array(readFileSync(file.part)), items);
    file.commit();
  } catch (error) {
    file.discard();
    throw error;
  }
  cache?.prune();
  return { kind: 'file' };
}

/** What is wrong with the compiled file of a folder, all of it read; null when nothing is. */
export function compiledDamage(folder: string): string | null {
  try {
    openCompiled(new Uint8Array(readFileSync(compiledPath(folder))), 'all');
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function itemOf(input: ListInput, key: Int32Array, cache: SegmentCache | null): CompileItem {
  try {
    return { input, segment: cache === null ? readSegment(input, key) : cache.segment(input), error: null };
  } catch (error) {
    if (input.trust === 'embedded') throw error;
    return { input, segment: null, error: error instanceof Error ? error.message : String(error) };
  }
}

function inMemory(sections: readonly Section[]): Uint8Array {
  const layout = layoutSections(sections, crc32);
  const bytes = new Uint8Array(layout.totalBytes);
  bytes.set(layout.header);
  sections.forEach((section, i) => {
    bytes.set(section.bytes, layout.offsets[i]);
  });
  return bytes;
}

/** Throws unless the bytes open, match every checksum, and find names of every list. */
function prove(bytes: Uint8Array, items: readonly CompileItem[]): void {
  const compiled = openCompiled(bytes, 'all');
  items.forEach((item, list) => {
    if (item.segment === null) return;
    const { kind } = item.input;
    const set = kind === 'allow' || kind === 'popular' || kind === 'provider' ? kind : 'block';
    for (const at of proofRecords(item.segment)) {
      const [lane0 = 0, lane1 = 0, lane2 = 0] = item.segment.names.listed.subarray(at, at + 3);
      const slots = compiled.sets[set].slotsOf(lane0, lane1, lane2);
      const found = slots.some((slot) => compiled.sets[set].list(slot) === list);
      if (!found) throw new Error(`the compiled file does not find names of ${item.input.name}`);
    }
  });
}

function proofRecords(segment: Segment): number[] {
  const records = segment.names.listed.length / RECORD_WORDS;
  const step = Math.max(1, Math.floor(records / PROOF_RECORDS));
  const places: number[] = [];
  for (let at = 0; at < records; at += step) places.push(at * RECORD_WORDS);
  return places;
}
