import { expect, test } from 'bun:test';
import { layoutSections, readSections, wordsOf } from '../../../src/policy/hosts/file-format.ts';

const checksum = (bytes: Uint8Array) => Bun.hash.crc32(bytes) >>> 0;
const always = () => true;

const SECTIONS = [
  { name: 'meta', bytes: new TextEncoder().encode('{"a":1}') },
  { name: 'words', bytes: new Uint8Array(new Int32Array([1, -2, 3]).buffer) },
  { name: 'empty', bytes: new Uint8Array(0) },
];

function file(): Uint8Array {
  const layout = layoutSections(SECTIONS, checksum);
  const bytes = new Uint8Array(layout.totalBytes);
  bytes.set(layout.header);
  SECTIONS.forEach((section, i) => {
    bytes.set(section.bytes, layout.offsets[i]);
  });
  return bytes;
}

test('reads back what was laid out', () => {
  const read = readSections(file(), checksum, always);
  if (read.kind !== 'ok') throw new Error(read.why);
  expect([...read.sections.keys()]).toEqual(['meta', 'words', 'empty']);
  expect(new TextDecoder().decode(read.sections.get('meta'))).toBe('{"a":1}');
  const words = wordsOf(read.sections.get('words') ?? new Uint8Array(1));
  expect([...(words ?? [])]).toEqual([1, -2, 3]);
});

test('refuses every file that was cut short, with a reason', () => {
  const whole = file();
  for (let size = 0; size < whole.length; size++) {
    const read = readSections(whole.subarray(0, size), checksum, always);
    if (read.kind !== 'damaged') throw new Error(`a file of ${size} bytes was read`);
    expect(read.why).toMatch(/\w/);
  }
});

test('refuses every file in which one bit of header or content flipped', () => {
  const covered = new Set<number>();
  const layout = layoutSections(SECTIONS, checksum);
  for (let i = 0; i < layout.header.length; i++) covered.add(i);
  SECTIONS.forEach((section, s) => {
    for (let i = 0; i < section.bytes.length; i++) covered.add((layout.offsets[s] ?? 0) + i);
  });
  for (const at of covered) {
    const bytes = file();
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
    expect(readSections(bytes, checksum, always).kind).toBe('damaged');
  }
});

test('names the section that is damaged, and reads the others when asked not to look at it', () => {
  const bytes = file();
  const at = layoutSections(SECTIONS, checksum).offsets[1] ?? 0;
  bytes[at] = 99;
  expect(readSections(bytes, checksum, always)).toEqual({
    kind: 'damaged',
    why: 'section words does not match its checksum',
  });
  expect(readSections(bytes, checksum, (name) => name !== 'words').kind).toBe('ok');
});

test('says so when the file is something else or of another version', () => {
  const other = new TextEncoder().encode('0.0.0.0 example.com\n'.repeat(20));
  expect(readSections(other, checksum, always)).toEqual({
    kind: 'damaged',
    why: 'this is not a file of compiled lists',
  });
  const newer = file();
  newer[8] = 9;
  expect(readSections(newer, checksum, always)).toEqual({
    kind: 'damaged',
    why: 'it has format version 9, this program reads version 1',
  });
});

test('gives no words for bytes that are not whole words in place', () => {
  const bytes = new Uint8Array(16);
  expect(wordsOf(bytes.subarray(1, 5))).toBeNull();
  expect(wordsOf(bytes.subarray(0, 6))).toBeNull();
  expect(wordsOf(bytes.subarray(4, 12))?.length).toBe(2);
});
