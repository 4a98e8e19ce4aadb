import { afterEach, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Paths } from '../../src/config/paths.ts';
import { Settings } from '../../src/engine/settings.ts';
import type { UnixMs } from '../../src/model/brand.ts';

const folder = mkdtempSync(join(tmpdir(), 'resolagent-settings-'));
afterEach(() => rmSync(folder, { recursive: true }));

test('a rule file that links to itself is an error to show, and the other files count', () => {
  mkdirSync(join(folder, 'rules.d'));
  writeFileSync(join(folder, 'config.toml'), '');
  const paths: Paths = {
    config: join(folder, 'config.toml'),
    configGiven: true,
    state: join(folder, 'state'),
    socket: join(folder, 'socket'),
  };
  const settings = new Settings(paths);
  writeFileSync(join(folder, 'rules.d/a.toml'), '[[rules]]\naction = "block"\nhost = "evil.example"\n');
  symlinkSync('loop.toml', join(folder, 'rules.d/loop.toml'));
  expect(settings.changed()).toBe(true);
  const read = settings.read(0 as UnixMs);
  expect(read.rules.map(({ rule }) => rule.host)).toEqual(['evil.example']);
  expect(read.errors.join()).toContain('loop.toml');
  expect(settings.changed()).toBe(false);
});
