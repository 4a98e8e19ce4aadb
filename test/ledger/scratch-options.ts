import { join } from 'node:path';
import type { StoreOptions } from '../../src/ledger/wire.ts';

/** Settings for a database in a folder. */
export function optionsIn(folder: string, over: Partial<StoreOptions> = {}): StoreOptions {
  return {
    path: join(folder, 'state', 'ledger.db'),
    keepDays: 3_650,
    maxSizeMb: 64,
    blockedFile: '',
    ...over,
  };
}
