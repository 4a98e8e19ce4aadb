import { expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scripts } from '../../package.json';
import { runScript } from '../script-run.ts';
import { WORLD_RUNS } from './script-runs.ts';
import { missing, REQUIRED } from './world/requirement.ts';

setDefaultTimeout(120_000);

const lacks = missing();
if (lacks.length > 0) {
  test.skipIf(!REQUIRED)(`scripts, end to end: ${lacks.join('; ')}`, () => expect(lacks).toEqual([]));
} else {
  for (const [name, run] of Object.entries(WORLD_RUNS)) {
    test(`scripts, end to end: npm run ${name}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'resolagent-script-'));
      const script = scripts[name as keyof typeof scripts];
      const { code, output } = await runScript(
        script,
        run,
        folder,
        name === 'dev' ? changeSource() : undefined,
      );
      rmSync(folder, { recursive: true });
      expect(output).toMatch(run.says);
      if (!run.goesOn) expect(code).toBe(0);
    });
  }
}

/** Changes the time of a source file, and nothing else of it, as soon as there is traffic. */
function changeSource(): (output: string) => void {
  let isChanged = false;
  return (output) => {
    if (isChanged || !output.includes('curl')) return;
    isChanged = true;
    const now = new Date();
    utimesSync(join(import.meta.dir, '../../src/main.ts'), now, now);
  };
}
