import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readSavedRules } from '../../src/rules/saved-rules.ts';

/** Starts a process that saves one rule more again and again, and kills it once it has printed `lines`; how many were saved. */
async function killAt(state: string, lines: number): Promise<number> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'kill-run.ts'), state], {
    stderr: 'inherit',
  });
  let text = '';
  for await (const chunk of child.stdout) {
    text += new TextDecoder().decode(chunk);
    if (text.split('\n').length > lines) child.kill('SIGKILL');
  }
  await child.exited;
  return Number(text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1));
}

test('after kill -9 every rule that was said to be saved is there, in a file that is whole', async () => {
  const folder = mkdtempSync('/var/tmp/resolagent-rules-kill-');
  const state = join(folder, 'state');
  for (const lines of [1, 20, 33, 2, 50, 7]) {
    const count = await killAt(state, lines);
    const saved = readSavedRules(state);
    if (!saved.ok) throw new Error(saved.error);
    // Killed between the two renames of a change, the file is there under its second name, as it was before that change.
    if (saved.file === 'whole') expect(saved.notice).toBeNull();
    else expect(saved.notice).toContain('is gone');
    expect(saved.rules.length).toBeGreaterThanOrEqual(count);
    expect(saved.rules.length).toBeLessThanOrEqual(count + 1);
    expect(saved.rules.map(({ rule }) => String(rule.id))).toEqual(
      Array.from({ length: saved.rules.length }, (_, n) => `r${n}`),
    );
  }
  rmSync(folder, { recursive: true });
}, 30_000);
