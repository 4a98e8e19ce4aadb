import { Database } from 'bun:sqlite';
import { afterEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { sampleInquiry } from './sample-judge.ts';
import { cleanUp, openLedger, scratch } from './scratch.ts';
import { optionsIn } from './scratch-options.ts';

afterEach(cleanUp);

/** What a process that was killed had given out and flushed. */
interface Killed {
  readonly lastFlow: number;
  readonly firstInquiry: number;
  readonly lastInquiry: number;
  readonly flushedInquiry: number;
}

/** Starts a process that writes as fast as it can, and kills it once it has printed `until` lines. */
async function killAt(folder: string, until: number): Promise<Killed> {
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
  const lines = text.trimEnd().split('\n');
  const ids = (mark: RegExp) =>
    lines.filter((each) => mark.test(each)).map((each) => Number(each.split(' ').at(-1)));
  return {
    lastFlow: ids(/^\d/).at(-1) ?? 0,
    firstInquiry: ids(/^i/)[0] ?? 0,
    lastInquiry: ids(/^i/).at(-1) ?? 0,
    flushedInquiry: ids(/^f/).at(-1) ?? 0,
  };
}

test('after kill -9 the database is whole, and no id is given twice', async () => {
  const folder = scratch();
  let last = 0;
  for (const until of [1, 1_000, 7_777]) {
    const { lastFlow } = await killAt(folder, until);
    if (lastFlow > 0) expect(lastFlow).toBeGreaterThan(last);
    last = Math.max(last, lastFlow);
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

test('after kill -9 every transcript and verdict that was flushed is there, and ids go on without a gap', async () => {
  const folder = scratch();
  let before = 0;
  for (const until of [1, 500, 3_000]) {
    const killed = await killAt(folder, until);
    expect(killed.firstInquiry).toBe(before + 1);
    if (until > 1) expect(killed.flushedInquiry).toBeGreaterThanOrEqual(killed.firstInquiry);
    const ledger = await openLedger(optionsIn(folder));
    const { verdicts, lastInquiry } = await ledger.judgeMemory(0);
    expect(lastInquiry).toBeGreaterThanOrEqual(killed.flushedInquiry);
    expect(lastInquiry).toBeLessThanOrEqual(killed.lastInquiry);
    const domains = new Set(verdicts.map(({ domain }) => String(domain)));
    for (let id = killed.firstInquiry; id <= killed.flushedInquiry; id++) {
      expect(await ledger.inquiry(id)).toEqual(sampleInquiry(id));
      expect(domains.has(`${id}.example`)).toBe(true);
    }
    await ledger.close();
    before = lastInquiry;
  }
}, 30_000);
