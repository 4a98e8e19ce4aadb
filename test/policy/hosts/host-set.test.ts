import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { buildHostSet, RecordWriter } from '../../../src/policy/hosts/build.ts';
import { KEY_WORDS, laneOf } from '../../../src/policy/hosts/hash.ts';
import { HostSet, hitSlot, hitStart, MISS, partsError } from '../../../src/policy/hosts/host-set.ts';

const KEY = Int32Array.from({ length: KEY_WORDS }, (_, i) => Math.imul(i + 1, 0x9e3779b1) ^ (i << 7));

function build(...lists: string[][]) {
  const built = buildHostSet(
    KEY,
    lists.map((names) => {
      const writer = new RecordWriter(KEY);
      for (const [i, name] of names.entries()) expect(writer.add(name, i + 1)).toBe(true);
      return { records: writer.records(), lines: names.length };
    }),
  );
  expect(partsError(built.parts)).toBeNull();
  return { ...built, set: new HostSet(built.parts) };
}

function lookUp(set: HostSet, host: string, on: readonly number[] = [1]) {
  const hit = set.find(host, Uint8Array.from(on));
  if (hit === MISS) return null;
  return { list: set.list(hitSlot(hit)), line: set.line(hitSlot(hit)), entry: host.slice(hitStart(hit)) };
}

test('finds a listed name and everything under it, with its line', () => {
  const { set } = build(['one.example', 'two.example', 'deep.three.example']);
  expect(lookUp(set, 'two.example')).toEqual({ list: 0, line: 2, entry: 'two.example' });
  expect(lookUp(set, 'a.b.two.example')).toEqual({ list: 0, line: 2, entry: 'two.example' });
  expect(lookUp(set, 'deep.three.example')).toEqual({ list: 0, line: 3, entry: 'deep.three.example' });
});

test('matches whole labels only', () => {
  const { set } = build(['ample.com', 'deep.three.example']);
  expect(lookUp(set, 'example.com')).toBeNull();
  expect(lookUp(set, 'three.example')).toBeNull();
  expect(lookUp(set, 'ample.com.evil.test')).toBeNull();
  expect(lookUp(set, 'ample.co')).toBeNull();
});

test('never looks a top-level label up, even when it is in the set', () => {
  const { set } = build(['com', 'localhost']);
  expect(lookUp(set, 'example.com')).toBeNull();
  expect(lookUp(set, 'localhost')).toBeNull();
});

test('reports the first list that is on, and none when all are off', () => {
  const { set } = build(['a.example'], ['x.example', 'a.example'], ['a.example']);
  expect(lookUp(set, 'a.example', [1, 1, 1])).toMatchObject({ list: 0, line: 1 });
  expect(lookUp(set, 'a.example', [0, 1, 1])).toMatchObject({ list: 1, line: 2 });
  expect(lookUp(set, 'a.example', [0, 0, 1])).toMatchObject({ list: 2, line: 1 });
  expect(lookUp(set, 'a.example', [0, 0, 0])).toBeNull();
});

test('goes on to the host itself when its parent is only on a list that is off', () => {
  const { set } = build(['example.com'], ['www.example.com']);
  expect(lookUp(set, 'www.example.com', [0, 1])).toEqual({ list: 1, line: 1, entry: 'www.example.com' });
});

test('counts a name once that a list holds twice, and keeps its first line', () => {
  const { set, counts } = build(['a.example', 'b.example', 'a.example'], ['a.example']);
  expect(counts).toEqual([2, 1]);
  expect(lookUp(set, 'a.example', [1, 1])).toMatchObject({ list: 0, line: 1 });
  expect(set.exact('a.example').map((slot) => set.list(slot))).toEqual([0, 1]);
});

test('an empty set answers nothing', () => {
  const { set } = build([]);
  expect(lookUp(set, 'example.com')).toBeNull();
  expect(build().set.exact('example.com')).toEqual([]);
});

test('reads the longest name there is', () => {
  const label = 'a'.repeat(61);
  const longest = `${label}.${label}.${label}.${label}.abcd`;
  expect(longest.length).toBe(252);
  const { set } = build([`x.${'b.'.repeat(125)}c`, longest]);
  expect(lookUp(set, longest)).toMatchObject({ line: 2 });
  expect(lookUp(set, `x.${'b.'.repeat(125)}c`)).toMatchObject({ line: 1 });
});

const label = fc.stringMatching(/^[a-c0-2_-]{1,3}$/);
const host = fc.array(label, { minLength: 2, maxLength: 5 }).map((labels) => labels.join('.'));

test('agrees with a set of strings on every host', () => {
  fc.assert(
    fc.property(fc.array(host, { maxLength: 60 }), fc.array(host, { maxLength: 60 }), (names, asked) => {
      const { set } = build(names);
      const plain = new Set(names);
      for (const one of [...asked, ...names, ...names.map((name) => `sub.${name}`)]) {
        const labels = one.split('.');
        const suffixes = labels.slice(0, -1).map((_, i) => labels.slice(i).join('.'));
        const covering = suffixes.findLast((suffix) => plain.has(suffix)) ?? null;
        expect(lookUp(set, one)?.entry ?? null).toBe(covering);
      }
    }),
    { numRuns: 200 },
  );
});

test('holds 50,000 names on 30 lists without a wrong answer', () => {
  const lists = Array.from({ length: 30 }, (_, list) =>
    Array.from({ length: 1_700 }, (_, i) => `n${(i * 7 + list * 13) % 9_001}.z${i % 17}.example`),
  );
  const { set } = build(...lists);
  const all = new Set(lists.flat());
  const on = Uint8Array.from(lists, () => 1);
  for (const name of all) expect(set.find(`www.${name}`, on)).not.toBe(MISS);
  for (let i = 0; i < 20_000; i++) {
    const name = `n${i}.z${i % 19}.example`;
    expect(set.find(name, on) !== MISS).toBe(all.has(name));
  }
});

test('fingerprints of names that differ in one character differ in every lane', () => {
  const names = Array.from('abcdefghijklmnopqrstuvwxyz0123456789-_', (char) => `${char}.example`);
  for (const lane of [0, 1, 2] as const) {
    expect(new Set(names.map((name) => laneOf(KEY, lane, name, 0))).size).toBe(names.length);
  }
});

test.each([
  ['the key', { key: new Int32Array(3) }],
  ['tags and rows', { rows: new Int32Array(3) }],
  ['the lists', { bases: new Int32Array(0) }],
  ['the reach', { reach: Number.NaN }],
])('tells that %s does not fit', (word, change) => {
  const { parts } = build(['a.example', 'b.example']);
  expect(partsError({ ...parts, ...change })).toStartWith(word);
});
