import { expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NOT_TAKEN } from '../../../src/judge/client/server-check.ts';
import { featuresOf, readCheck, saveCheck } from '../../../src/judge/desk/check.ts';
import type { JudgeCheck } from '../../../src/schema/judge.ts';

const SERVER = { apiUrl: 'http://127.0.0.1:1234/v1', model: 'm1' };
const found = (ok: boolean): JudgeCheck['reachable'] => ({ ok, ms: 12, detail: 'tried' });

function check(part: Partial<JudgeCheck> = {}): JudgeCheck {
  const tried = { completion: found(true), streaming: found(true), nativeTools: found(true) };
  const rest = { structured: found(true), textProtocol: found(true), usable: true };
  return { at: 1, ...SERVER, models: ['m1'], reachable: found(true), ...tried, ...rest, ...part };
}

function withFolder(run: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'judge-check-'));
  try {
    run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('what a check found is there again, for the same server and model alone', () => {
  withFolder((folder) => {
    expect(readCheck(folder, SERVER)).toBeNull();
    saveCheck(folder, check());
    expect(readCheck(folder, SERVER)).toEqual(check());
    expect(readCheck(folder, { ...SERVER, model: 'm2' })).toBeNull();
    expect(readCheck(folder, { ...SERVER, apiUrl: 'http://127.0.0.1:8080/v1' })).toBeNull();
    const [name = '', ...others] = readdirSync(folder);
    expect(others).toEqual([]);
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });
});

test.each(['', 'null', '{"usable":true}', '{"at":'])('a file that holds %p counts as none', (text) => {
  withFolder((folder) => {
    saveCheck(folder, check());
    writeFileSync(join(folder, readdirSync(folder)[0] ?? ''), text);
    expect(readCheck(folder, SERVER)).toBeNull();
  });
});

test('a server that refuses native tools or schemas is not asked for them; what failed once is tried again', () => {
  const refused = { ...found(false), detail: NOT_TAKEN };
  expect(featuresOf(check())).toEqual({ tools: true, schema: true });
  expect(featuresOf(check({ nativeTools: refused }))).toEqual({ tools: false, schema: true });
  expect(featuresOf(check({ structured: refused }))).toEqual({ tools: true, schema: false });
  expect(featuresOf(check({ nativeTools: found(false) }))).toEqual({ tools: true, schema: true });
});

test('a server that could not be read at all is tried with everything', () => {
  expect(featuresOf(null)).toEqual({});
  const dead = { nativeTools: found(false), structured: found(false), textProtocol: found(false) };
  expect(featuresOf(check(dead))).toEqual({});
});
