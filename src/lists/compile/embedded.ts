import { readFileSync } from 'node:fs';
import allow from '../../../lists/allow.txt' with { type: 'file' };
import popular from '../../../lists/popular.txt' with { type: 'file' };
import providers from '../../../lists/providers.txt' with { type: 'file' };
import adsSeed from '../../../lists/seed/ads.txt' with { type: 'file' };
import adult from '../../../lists/seed/adult.txt' with { type: 'file' };
import analyticsSeed from '../../../lists/seed/analytics.txt' with { type: 'file' };
import fakenews from '../../../lists/seed/fakenews.txt' with { type: 'file' };
import gambling from '../../../lists/seed/gambling.txt' with { type: 'file' };
import malware from '../../../lists/seed/malware.txt' with { type: 'file' };
import phishing from '../../../lists/seed/phishing.txt' with { type: 'file' };
import socialSeed from '../../../lists/seed/social.txt' with { type: 'file' };
import ads from '../../../lists/third-party/ads.txt' with { type: 'file' };
import analytics from '../../../lists/third-party/analytics.txt' with { type: 'file' };
import thirdPartyProviders from '../../../lists/third-party/providers.txt' with { type: 'file' };
import social from '../../../lists/third-party/social.txt' with { type: 'file' };
import { digestOf } from '../../files/digest.ts';
import type { ListKind } from '../../policy/lists/kinds.ts';
import type { ListInput } from './list-input.ts';

/** When the embedded lists were last gone through by hand: what the screen shows as their age. */
export const EMBEDDED_AT = Date.UTC(2026, 10, 20);

const FILES: readonly { readonly name: string; readonly kind: ListKind; readonly path: string }[] = [
  { name: 'built-in malware', kind: 'malware', path: malware },
  { name: 'built-in phishing', kind: 'phishing', path: phishing },
  { name: 'built-in ads', kind: 'ads', path: adsSeed },
  { name: 'third-party-web ads', kind: 'ads', path: ads },
  { name: 'built-in analytics', kind: 'analytics', path: analyticsSeed },
  { name: 'third-party-web analytics', kind: 'analytics', path: analytics },
  { name: 'built-in gambling', kind: 'gambling', path: gambling },
  { name: 'built-in adult', kind: 'adult', path: adult },
  { name: 'built-in fakenews', kind: 'fakenews', path: fakenews },
  { name: 'built-in social', kind: 'social', path: socialSeed },
  { name: 'third-party-web social', kind: 'social', path: social },
  { name: 'built-in allowlist', kind: 'allow', path: allow },
  { name: 'built-in popular', kind: 'popular', path: popular },
  { name: 'built-in providers', kind: 'provider', path: providers },
  { name: 'third-party-web providers', kind: 'provider', path: thirdPartyProviders },
];

/** The lists inside the program. Reads them all, about 0.2 MB, to tell whether they changed since they were last compiled. */
export function embeddedInputs(): ListInput[] {
  return FILES.map((file) => ({
    ...file,
    format: 'domains',
    trust: 'embedded',
    digest: digestOf(readFileSync(file.path)),
  }));
}
