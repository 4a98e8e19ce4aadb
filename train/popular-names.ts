import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { normalizeHost } from '../src/model/host.ts';
import type { Lexicon } from '../src/score/lexicon.ts';
import { nameParts } from '../src/score/name-parts.ts';
import type { Example } from './examples.ts';

/** Where third-party-web keeps its list of hosts seen on many pages (MIT). */
const DOMAIN_MAP = fileURLToPath(import.meta.resolve('third-party-web/dist/domain-map.csv'));

/**
 * Registrable domains for the popular table: third-party-web's hosts and OpenDNS's public-domain top list. Left out are
 * platforms and providers (their customers are not popular) and every domain that a hostile example stands under.
 */
export function popularNames(
  openDns: readonly Example[],
  hostile: readonly Example[],
  lexicon: Lexicon,
): Set<string> {
  const bad = new Set(hostile.map((example) => example.parts.registrableDomain ?? example.parts.host));
  const names = new Set<string>();
  const add = (host: string): void => {
    const normal = normalizeHost(host);
    if (normal === null) return;
    const { registrableDomain, hostedBy } = nameParts(normal, lexicon);
    if (registrableDomain !== null && hostedBy === 'none' && !bad.has(registrableDomain))
      names.add(registrableDomain);
  };
  for (const line of readFileSync(DOMAIN_MAP, 'utf8').split('\n'))
    add(line.slice(0, Math.max(0, line.indexOf(','))));
  for (const example of openDns) add(example.parts.host);
  return names;
}
