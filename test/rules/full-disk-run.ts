import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rulesOf } from '../../src/rules/rule-book.ts';
import { RuleFile } from '../../src/rules/rule-file.ts';
import { readSavedRules } from '../../src/rules/saved-rules.ts';
import { sampleRule } from './sample-rule.ts';

// Run by full-disk.test.ts in a mount namespace of its own. Puts a disk of three megabytes through being full and being
// read-only, and prints what was saved.

const folder = process.argv[2] ?? '';
const state = join(folder, 'state');
const filler = join(folder, 'filler');

function mount(...args: string[]): void {
  const done = Bun.spawnSync(['/bin/mount', ...args]);
  if (done.exitCode !== 0) throw new Error(done.stderr.toString());
}

function fillDisk(): void {
  for (let size = 4_194_304; size >= 1; size = Math.floor(size / 2)) {
    try {
      writeFileSync(filler, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // What fits has been taken.
    }
  }
}

function onDisk(): readonly string[] {
  const saved = readSavedRules(state);
  return saved.ok ? saved.rules.map(({ rule }) => rule.id) : [saved.error];
}

mount('-t', 'tmpfs', '-o', 'size=3m,mode=0700', 'tmpfs', folder);
const [a, b, c] = [sampleRule('a'), sampleRule('b'), sampleRule('c')];
const file = new RuleFile(state, () => {});
await file.read();
await file.save([a]);
fillDisk();
const full = { saved: await file.save([a, b]), error: file.health.error, onDisk: onDisk() };
await file.keep();
const stillFull = { error: file.health.error, onDisk: onDisk() };
rmSync(filler);
await file.keep();
const afterFull = { error: file.health.error, onDisk: onDisk() };

mount('-o', 'remount,ro', folder);
const second = new RuleFile(state, () => {});
const rules = rulesOf(await second.read()).map(({ id }) => id);
const readOnly = { rules, saved: await second.save([a, b, c]), error: second.health.error };
mount('-o', 'remount,rw', folder);
await second.keep();
const afterReadOnly = { error: second.health.error, onDisk: onDisk() };

process.stdout.write(JSON.stringify({ full, stillFull, afterFull, readOnly, afterReadOnly }));
