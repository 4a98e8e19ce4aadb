import { mkdtempSync, rmSync } from 'node:fs';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { StoreOptions } from '../../src/ledger/wire.ts';

const folders: string[] = [];
const ledgers: Ledger[] = [];

/** Closes and deletes what the test made. For `afterEach` in each file: a hook set here would count for one file only. */
export async function cleanUp(): Promise<void> {
  await Promise.all(ledgers.splice(0).map((ledger) => ledger.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** A new private folder on a real disk, deleted after the test. */
export function scratch(): string {
  const folder = mkdtempSync('/var/tmp/resolagent-ledger-');
  folders.push(folder);
  return folder;
}

/** A ledger that is closed after the test. */
export async function openLedger(options: StoreOptions): Promise<Ledger> {
  const ledger = await Ledger.open(options);
  ledgers.push(ledger);
  return ledger;
}
