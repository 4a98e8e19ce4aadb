import { Database } from 'bun:sqlite';
import { afterEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { cleanUp, openLedger, scratch } from './scratch.ts';
import { optionsIn } from './scratch-options.ts';

afterEach(cleanUp);

/** Starts a process that writes as fast as it can, kills it once it has given out `until` ids, and tells the last one. */
async function killAt(folder: string, until: number): Promise<number> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'kill-run.ts'), folder], {
    stderr: 'inherit',
  });
  const decoder = new TextDecoder();
  let text = '';
  let seen = 0;
  for await (const chunk of child.stdout) {
    text += decoder.decode(chunk, { stream: true });
    seen += chunk.filter((byte) => byte === 0x0a).length;
    if (seen >= until) child.kill('SIGKILL');
  }
  await child.exited;
  return Number(text.trimEnd().split('\n').at(-1));
}

test('after kill -9 the database is whole, and no id is given twice', async () => {
  const folder = scratch();
  let last = 0;
  for (const until of [1, 1_000, 7_777]) {
    const killedAt = await killAt(folder, until);
    expect(killedAt).toBeGreaterThan(last);
    last = killedAt;
  }
  const ledger = await openLedger(optionsIn(folder));
  expect(ledger.status()).toMatchObject({ state: 'ok', error: null });
  expect(Number(ledger.nextFlowId())).toBeGreaterThan(last);
  const flows = await ledger.flows({ sinceMs: null, limit: 10_000, after: 0 });
  expect(flows.length).toBeGreaterThan(1_000);
  await ledger.close();
  const db = new Database(optionsIn(folder).path, { readonly: true });
  expect(db.query('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  expect(db.query('PRAGMA foreign_key_check').all()).toEqual([]);
  db.close();
}, 30_000);
