import { afterEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { LedgerThread } from '../../src/ledger/ledger-thread.ts';
import { Writer } from '../../src/ledger/writer.ts';
import type { Host } from '../../src/model/brand.ts';
import { sampleFlow } from './sample-flow.ts';
import { cleanUp, scratch } from './scratch.ts';
import { optionsIn } from './scratch-options.ts';
import { until } from './until.ts';

afterEach(cleanUp);

test('a thread that dies is started again, its trouble is told, and what follows is written', async () => {
  const mortal = join(import.meta.dir, 'mortal-worker.ts');
  let troubles = 0;
  const thread = new LedgerThread(optionsIn(scratch()), () => troubles++, mortal);
  await thread.opened();
  const writer = new Writer(thread, () => 10, false);
  const deadly = sampleFlow(1);
  writer.put({ ...deadly, target: { ...deadly.target, host: 'die.example' as Host } });
  await writer.flush();
  await until('the death is told', () => troubles > 0);
  expect(thread.error).toContain('a bug');
  writer.put(sampleFlow(2));
  await until('the next flow is written', async () => {
    await writer.flush();
    return writer.queued === 0;
  });
  expect(thread.error).toBeNull();
  expect(await thread.call('flow', { id: 2 })).toEqual({ flow: sampleFlow(2) });
  writer.stop();
  thread.stop();
});

test('a call whose thread dies is refused, not left waiting', async () => {
  const missing = join(import.meta.dir, 'no-such-worker.ts');
  const thread = new LedgerThread(optionsIn(scratch()), () => undefined, missing);
  const said = await thread.call('flow', { id: 1 }).catch((error: Error) => error.message);
  expect(said).toContain('no-such-worker');
  thread.stop();
});

test('a thread that was stopped fails what waits, and is not started again', async () => {
  const thread = new LedgerThread(optionsIn(scratch()), () => undefined);
  await thread.opened();
  const waiting = thread.call('flow', { id: 1 }).catch((error: Error) => error.message);
  thread.stop();
  expect(await waiting).toBe('the ledger was closed');
  expect(await thread.callInTime('flow', { id: 1 })).toBeNull();
  await expect(thread.call('flow', { id: 1 })).rejects.toThrow('the ledger was closed');
});
