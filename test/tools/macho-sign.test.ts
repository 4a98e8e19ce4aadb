import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { commands, LC_CODE_SIGNATURE, readMachO } from '../../tools/macho.ts';
import { signMachO } from '../../tools/macho-sign.ts';

// Bun comes as a program of some 90 MB, from npm at the first build.
const BUILD_TIMEOUT_MS = 120_000;
const NAME = 'org.resolagent.test';
const LC_SEGMENT_64 = 0x19;

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'macho-sign-test-'));
  writeFileSync(join(dir, 'hello.ts'), 'process.stdout.write("hello");\n');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe.each(['arm64', 'x64'] as const)('a program that Bun compiles for macOS on %s', (cpu) => {
  let unsigned = new Uint8Array();
  let signed = new Uint8Array();

  beforeAll(async () => {
    const outfile = join(dir, cpu);
    await Bun.build({
      entrypoints: [join(dir, 'hello.ts')],
      compile: { target: `bun-darwin-${cpu}`, outfile },
    });
    unsigned = new Uint8Array(readFileSync(outfile));
    signed = new Uint8Array(signMachO(unsigned, NAME));
  }, BUILD_TIMEOUT_MS);

  test('has the right hash of every page, our name, and no flag but ad hoc', () => {
    expect(readMachO(signed)).toMatchObject({
      kind: 'signed',
      cpu,
      identifier: NAME,
      flags: 2,
      wrongPages: [],
    });
  });

  test('ends with its signature, inside __LINKEDIT', () => {
    const view = new DataView(signed.buffer);
    const all = commands(view);
    if (typeof all === 'string') throw new Error(all);
    const place = all.find((command) => command.kind === LC_CODE_SIGNATURE);
    const at = place?.at ?? 0;
    expect(view.getUint32(at + 8, true) + view.getUint32(at + 12, true)).toBe(signed.length);
    const last = all.filter((command) => command.kind === LC_SEGMENT_64).at(-1)?.at ?? 0;
    expect(new TextDecoder().decode(signed.subarray(last + 8, last + 18))).toBe('__LINKEDIT');
    const end = view.getBigUint64(last + 40, true) + view.getBigUint64(last + 48, true);
    expect(end).toBe(BigInt(signed.length));
    expect(view.getBigUint64(last + 32, true)).toBeGreaterThanOrEqual(view.getBigUint64(last + 48, true));
  });

  test('keeps its code: nothing but sizes in the load commands changed', () => {
    const codeEnd = new DataView(signed.buffer).getUint32(placeOf(signed) + 8, true);
    const hash = (file: Uint8Array) =>
      createHash('sha256').update(file.subarray(4_096, codeEnd)).digest('hex');
    expect(hash(signed)).toBe(hash(unsigned));
  });

  test('is the same when it is signed again', () => {
    expect(Buffer.compare(signMachO(signed, NAME), signed)).toBe(0);
  });

  test('is not signed when something stands behind its signature', () => {
    expect(() => signMachO(Buffer.concat([signed, Buffer.alloc(1)]), NAME)).toThrow(
      'its signature is not its end',
    );
  });
});

function placeOf(file: Uint8Array): number {
  const all = commands(new DataView(file.buffer));
  return typeof all === 'string' ? 0 : (all.find((command) => command.kind === LC_CODE_SIGNATURE)?.at ?? 0);
}

test('what is no program is refused with words', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
      expect(() => signMachO(noise, NAME)).toThrow('cannot be signed');
    }),
  );
});
