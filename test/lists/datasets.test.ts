import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema } from '../../src/config/schema.ts';
import { type LoadedLists, loadLists } from '../../src/lists/loaded-lists.ts';
import type { Host } from '../../src/model/brand.ts';
import { normalizeHost } from '../../src/model/host.ts';
import { suffixKind } from '../../src/policy/lists/suffix.ts';

/** Made-up names, and the real ones of a folder beside the repository where RESOLAGENT_DATA names it. */
const FOLDERS: readonly {
  readonly what: string;
  readonly folder: string;
  readonly leastListed: number;
}[] = [
  { what: 'made-up names', folder: join(import.meta.dir, '../fixtures/names'), leastListed: 300 },
  ...(process.env.RESOLAGENT_DATA
    ? [{ what: 'real names', folder: process.env.RESOLAGENT_DATA, leastListed: 80_000 }]
    : []),
];
const BLOCKED = ['malware', 'phishing', 'trackers'] as const;

describe.each(FOLDERS)('$what', ({ folder, leastListed }) => {
  const column = (name: string): Host[] =>
    readFileSync(join(folder, `${name}.csv`), 'utf8')
      .split('\n')
      .slice(1)
      .flatMap((line) => normalizeHost(line.split(',')[0] ?? '') ?? []);

  let root: string;
  let lists: LoadedLists;
  const listed = new Set<Host>();

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'resolagent-data-'));
    const files = BLOCKED.map((name) => {
      const path = join(root, `${name}.txt`);
      const names = column(name);
      for (const host of names) if (suffixKind(host) === 'none') listed.add(host);
      writeFileSync(path, names.join('\n'));
      return { path, category: 'custom', name };
    });
    const off = { malware: false, phishing: false, ads: false, analytics: false };
    lists = await loadLists(configSchema.parse({ lists: { files, ...off } }).lists, { stateDir: root });
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test('every blocked name is found, and its subdomains', () => {
    const missed = [...listed].filter((host) => !lists.block(host) || !lists.block(`a.b-c.${host}` as Host));
    expect(missed).toEqual([]);
    expect(listed.size).toBeGreaterThan(leastListed);
  });

  test('no honest name is blocked unless it or a parent is listed', () => {
    for (const name of ['benign_domains', 'benign_hosts', 'cdn_hosts']) {
      for (const host of column(name)) {
        const labels = host.split('.');
        const covered = labels.slice(0, -1).some((_, i) => listed.has(labels.slice(i).join('.') as Host));
        const hit = lists.block(host);
        if ((hit !== null) !== covered)
          throw new Error(`${host}: blocked ${JSON.stringify(hit)}, listed ${covered}`);
      }
    }
  });

  test('the embedded lists that are on by default block no host of a content network', async () => {
    const defaults = await loadLists(configSchema.parse({}).lists, { stateDir: null });
    expect(column('cdn_hosts').filter((host) => defaults.block(host) !== null)).toEqual([]);
  });
});
