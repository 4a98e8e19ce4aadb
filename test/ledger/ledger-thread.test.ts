import { afterEach, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerThread } from '../../src/ledger/ledger-thread.ts';
import { Writer } from '../../src/ledger/writer.ts';
import type { Host } from '../../src/model/brand.ts';
import { always } from '../until.ts';
import { sampleFlow } from './sample-flow.ts';
import { cleanUp, scratch } from './scratch.ts';
import { optionsIn } from './scratch-options.ts';
import { until } from './until.ts';

afterEach(cleanUp);

/** Longer than a thread that woke takes to do what it was asked. */
const AWAKE_MS = 400;
const QUIET = { onTrouble: () => undefined, notice: () => undefined };

test('a thread that dies is started again, its trouble is told, and what follows is written', async () => {
  const mortal = join(import.meta.dir, 'mortal-worker.ts');
  let troubles = 0;
  const notices: string[] = [];
  const thread = new LedgerThread(
    optionsIn(scratch()),
    { onTrouble: () => troubles++, notice: (text) => notices.push(text) },
    mortal,
  );
  await thread.opened();
  const writer = new Writer(thread, () => 10, false);
  const deadly = sampleFlow(1);
  writer.put({ ...deadly, target: { ...deadly.target, host: 'die.example' as Host } });
  await writer.flush();
  await until('the death is told', () => troubles > 0);
  expect(thread.error).toContain('a bug');
  expect(notices).toEqual([
    expect.stringMatching(/^the ledger's thread died: .*a bug.*; another is started$/),
  ]);
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

test('a thread that stands still is given up and told, another writes what it had, and it undoes nothing when it wakes', async () => {
  const still = join(import.meta.dir, 'still-worker.ts');
  const notices: string[] = [];
  const events = { onTrouble: () => writer.retrySoon(), notice: (text: string) => notices.push(text) };
  const options = { ...optionsIn(scratch()), blockedFile: join(scratch(), 'blocked.tsv') };
  const thread = new LedgerThread(options, events, still);
  const writer: Writer = new Writer(thread, () => 10, true);
  await thread.opened();
  const flow = { ...sampleFlow(1), effect: 'reset' } as const;
  writer.put(flow);
  void writer.flush();
  await until('it stands still', () => existsSync(`${options.path}.still`));
  for (let look = 0; look < 4; look++) {
    expect(notices).toEqual([]);
    thread.look();
  }
  expect(notices).toEqual(["the ledger's thread has not answered for 4 s; another is started"]);
  expect(thread.error).toContain('has not answered');
  const closed = { ...flow, state: 'closed', bytesIn: 7 } as const;
  writer.put(closed);
  await until('all is written', async () => {
    await writer.flush();
    return writer.queued === 0;
  });
  expect(thread.error).toBeNull();
  expect(thread.notice).toContain('another took its place');
  const first = (): string => readFileSync(`${options.path}.still`, 'utf8');
  await until('the first one woke', () => first() !== 'still');
  await always('it does nothing', AWAKE_MS, async () => first() === 'awake');
  expect(await thread.call('flow', { id: 1 })).toEqual({ flow: closed });
  // Twice rather than not at all, if the thread stopped between writing and saying so.
  const lines = readFileSync(options.blockedFile, 'utf8').trim().split('\n');
  expect(new Set(lines).size).toBe(1);
  writer.stop();
  thread.stop();
});

test('a thread that answers is left alone, however long it has nothing to do', async () => {
  const notices: string[] = [];
  const thread = new LedgerThread(optionsIn(scratch()), { ...QUIET, notice: (text) => notices.push(text) });
  await thread.opened();
  for (let look = 0; look < 12; look++) {
    const asked = thread.call('flow', { id: 1 });
    thread.look();
    await asked;
    thread.look();
  }
  expect(notices).toEqual([]);
  thread.stop();
});

test('a call whose thread dies is refused, not left waiting', async () => {
  const missing = join(import.meta.dir, 'no-such-worker.ts');
  const thread = new LedgerThread(optionsIn(scratch()), QUIET, missing);
  const said = await thread.call('flow', { id: 1 }).catch((error: Error) => error.message);
  expect(said).toContain('no-such-worker');
  thread.stop();
});

test('a thread that was stopped fails what waits, and is not started again', async () => {
  const thread = new LedgerThread(optionsIn(scratch()), QUIET);
  await thread.opened();
  const waiting = thread.call('flow', { id: 1 }).catch((error: Error) => error.message);
  thread.stop();
  expect(await waiting).toBe('the ledger was closed');
  expect(await thread.callInTime('flow', { id: 1 })).toBeNull();
  await expect(thread.call('flow', { id: 1 })).rejects.toThrow('the ledger was closed');
});
