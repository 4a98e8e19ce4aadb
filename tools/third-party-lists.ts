import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import entities from 'third-party-web/dist/entities-nostats.json';
import { version } from 'third-party-web/package.json';
import type { Host } from '../src/model/brand.ts';
import { normalizeHost } from '../src/model/host.ts';
import { suffixKind } from '../src/policy/lists/suffix.ts';

const SOURCE = `third-party-web ${version} (https://github.com/patrickhulce/third-party-web)`;
const LICENCE = 'MIT licence, copyright (c) 2019 Patrick Hulce.';

/** What an owner's name is used for, as the provider table words it; what is missing here is a `service`. */
const KINDS: Readonly<Record<string, string>> = {
  ad: 'ads',
  analytics: 'analytics',
  cdn: 'cdn',
  hosting: 'hosting',
  social: 'social',
};

/**
 * Makes the embedded lists that come from third-party-web, as file name and content. Deterministic: the same package and the same
 * skip file give the same bytes. The result is kept in the repository, where a change of it can be read, and a test compares.
 */
export function thirdPartyLists(): ReadonlyMap<string, string> {
  const skips = new Skips(readFileSync(join(import.meta.dir, 'third-party-skip.txt'), 'utf8'));
  return new Map([
    ['ads.txt', blocklist('ad', skips)],
    ['analytics.txt', blocklist('analytics', skips)],
    ['social.txt', blocklist('social', skips)],
    ['providers.txt', providers()],
  ]);
}

/** Writes the lists that `thirdPartyLists` makes into a folder. */
function buildEmbeddedLists(outDir: string): void {
  mkdirSync(outDir, { recursive: true });
  for (const [name, content] of thirdPartyLists()) writeFileSync(join(outDir, name), content);
}

function blocklist(category: string, skips: Skips): string {
  const hosts = new Set<Host>();
  for (const entity of entities) {
    if (entity.category !== category) continue;
    for (const domain of entity.domains) {
      const host = hostOf(domain);
      if (host !== null && suffixKind(host) === 'none' && !skips.has(host)) hosts.add(host);
    }
  }
  const kept = [...hosts].filter((host) => !parents(host).some((parent) => hosts.has(parent as Host)));
  const head = `# Hosts of category ${category}, less third-party-skip.txt. Made by tools/third-party-lists.ts from ${SOURCE}.`;
  return `${head}\n# ${LICENCE}\n${kept.sort().join('\n')}\n`;
}

function providers(): string {
  const owners = new Map<Host, string>();
  for (const entity of entities) {
    const company = 'company' in entity ? entity.company : undefined;
    const owner = (company ?? entity.name).replace(/[\s·#]+/g, ' ').trim();
    for (const domain of entity.domains) {
      const host = hostOf(domain);
      if (host === null || suffixKind(host) === 'icann' || owners.has(host)) continue;
      owners.set(
        host,
        `${owner} · ${suffixKind(host) === 'private' ? 'hosting' : (KINDS[entity.category] ?? 'service')}`,
      );
    }
  }
  const lines = [...owners].map(([host, owner]) => `${host} # ${owner}`).sort();
  const head = `# Owners of third-party hosts: \`name # owner · kind\`. Made by tools/third-party-lists.ts from ${SOURCE}.`;
  return `${head}\n# ${LICENCE}\n${lines.join('\n')}\n`;
}

const hostOf = (domain: string): Host | null => normalizeHost(domain.replace(/^\*\./, ''));

/** The names above a host, its top-level domain left out. */
function parents(host: string): string[] {
  const labels = host.split('.');
  return labels.slice(1, -1).map((_, i) => labels.slice(i + 1).join('.'));
}

/** The names of third-party-skip.txt. */
class Skips {
  readonly #exact = new Set<string>();
  readonly #under = new Set<string>();

  constructor(text: string) {
    for (const line of text.split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      if (line.startsWith('.')) this.#under.add(line.slice(1));
      else this.#exact.add(line);
    }
  }

  has(host: string): boolean {
    return this.#exact.has(host) || [host, ...parents(host)].some((name) => this.#under.has(name));
  }
}

if (import.meta.main) buildEmbeddedLists(process.argv[2] ?? join(import.meta.dir, '../lists/third-party'));
