import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { readMachO } from '../../tools/macho.ts';

const AD_HOC = 0x2;
// Bun comes as a program of some 90 MB, from npm at the first build.
const BUILD_TIMEOUT_MS = 120_000;

let dir = '';
let program = new Uint8Array();

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'macho-test-'));
  const [entry, outfile] = [join(dir, 'hello.ts'), join(dir, 'hello')];
  writeFileSync(entry, 'process.stdout.write("hello");\n');
  await Bun.build({ entrypoints: [entry], compile: { target: 'bun-darwin-arm64', outfile } });
  program = new Uint8Array(readFileSync(outfile));
}, BUILD_TIMEOUT_MS);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('a program that Bun compiles for Apple silicon on this machine', () => {
  test('is signed ad hoc, and every page of it has the hash its signature says', () => {
    const macho = readMachO(program);
    expect(macho).toMatchObject({ kind: 'signed', cpu: 'arm64', wrongPages: [] });
    if (macho.kind !== 'signed') return;
    expect(macho.flags & AD_HOC).toBe(AD_HOC);
    expect(macho.pages).toBeGreaterThan(10_000);
  });

  test('is not valid any more when one byte is changed', () => {
    const at = 5_000_000;
    const changed = program.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(readMachO(changed)).toMatchObject({ kind: 'signed', wrongPages: [Math.floor(at / 4_096)] });
  });

  test('is not read when its end is missing', () => {
    expect(readMachO(program.subarray(0, program.length - 1))).toEqual({
      kind: 'malformed',
      error: 'the signature lies past the end of the file',
    });
  });
});

test('tells other files from programs', () => {
  expect(readMachO(new Uint8Array())).toMatchObject({ kind: 'malformed' });
  expect(readMachO(new Uint8Array(readFileSync('/bin/true')))).toEqual({
    kind: 'malformed',
    error: 'not a 64-bit Mach-O file',
  });
});

/** A header with one code signature command, and this much of a signature behind it. */
function small(signature: Uint8Array): Uint8Array {
  const file = new Uint8Array(48 + signature.length);
  const view = new DataView(file.buffer);
  for (const [at, value] of [
    [0, 0xfeedfacf],
    [4, 0x0100000c],
    [12, 2],
    [16, 1],
    [20, 16],
    [32, 0x1d],
    [36, 16],
    [40, 48],
    [44, signature.length],
  ] as const) {
    view.setUint32(at, value, true);
  }
  file.set(signature, 48);
  return file;
}

test('tells an unsigned program', () => {
  const file = small(new Uint8Array());
  new DataView(file.buffer).setUint32(32, 0x2, true);
  expect(readMachO(file)).toEqual({ kind: 'unsigned', cpu: 'arm64' });
});

test('never throws on cut, random or damaged signatures', () => {
  const words = fc.array(
    fc.oneof(fc.constantFrom(0, 1, 12, 20, 44, 0xfade0cc0, 0xfade0c02, 0xffffffff), fc.nat(0xffff)),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(words, fc.nat(200), (values, cut) => {
      const signature = new Uint8Array(values.length * 4);
      const view = new DataView(signature.buffer);
      for (const [i, value] of values.entries()) view.setUint32(i * 4, value);
      const file = small(signature);
      expect(readMachO(file).kind).not.toBe('unsigned');
      readMachO(file.subarray(0, cut));
    }),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
      readMachO(noise);
    }),
  );
});
