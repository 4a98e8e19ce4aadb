import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AtomicFile } from '../../../src/files/atomic-file.ts';
import { crc32, newKey } from '../../../src/lists/compile/checksum.ts';
import type { ListInput } from '../../../src/lists/compile/list-input.ts';
import { SegmentCache, writeSections } from '../../../src/lists/compile/segment-cache.ts';
import { readSections } from '../../../src/policy/hosts/file-format.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'resolagent-segment-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const KEY = newKey();
const NAMES = Array.from({ length: 6_000 }, (_, i) => `n${i}.example`);
const input = (digest: string): ListInput => ({
  ...{ name: 'feed', kind: 'malware', format: 'auto', trust: 'state' },
  path: join(root, 'feed.txt'),
  digest,
});

test('a written file reads back whatever the sizes of its sections, empty last ones too', () => {
  for (let size = 0; size < 130; size += 4) {
    for (const last of [0, 4, 60, 64]) {
      const path = join(root, 'sections');
      const file = new AtomicFile(path);
      const sections = [
        { name: 'first', bytes: new Uint8Array(size).fill(1) },
        { name: 'last', bytes: new Uint8Array(last).fill(2) },
      ];
      writeSections(file, sections);
      file.commit();
      const read = readSections(new Uint8Array(readFileSync(path)), crc32, () => true);
      if (read.kind !== 'ok') throw new Error(`${size} and ${last} bytes: ${read.why}`);
      expect(read.sections.get('first')?.length).toBe(size);
      expect(read.sections.get('last')?.length).toBe(last);
    }
  }
});

test('a list that did not change is not read again; one that changed is', () => {
  const folder = join(root, 'cache');
  writeFileSync(join(root, 'feed.txt'), NAMES.join('\n'));
  const first = new SegmentCache(folder, KEY).segment(input('1'));
  writeFileSync(join(root, 'feed.txt'), 'other.example\n');
  const cached = new SegmentCache(folder, KEY).segment(input('1'));
  expect(cached.counts).toEqual(first.counts);
  expect(cached.names.listed).toEqual(first.names.listed);
  expect(new SegmentCache(folder, KEY).segment(input('2')).counts.entries).toBe(1);
});

test('a cached list is not used with another key or when it is damaged, and is deleted when nobody asks for it', () => {
  const folder = join(root, 'cache2');
  writeFileSync(join(root, 'feed.txt'), NAMES.join('\n'));
  new SegmentCache(folder, KEY).segment(input('1'));
  writeFileSync(join(root, 'feed.txt'), 'other.example\n');
  expect(new SegmentCache(folder, newKey()).segment(input('1')).counts.entries).toBe(1);
  const [file = ''] = readdirSync(folder);
  const bytes = readFileSync(join(folder, file));
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(join(folder, file), bytes);
  expect(new SegmentCache(folder, KEY).segment(input('1')).counts.entries).toBe(1);
  new SegmentCache(folder, KEY).prune();
  expect(readdirSync(folder)).toEqual([]);
});
