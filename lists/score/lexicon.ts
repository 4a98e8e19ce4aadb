import { buildLexicon, type Lexicon } from '../../src/score/lexicon.ts';
import { BRANDS, TRUST_BRANDS } from './brands.ts';
import { CONFUSABLES } from './confusables.ts';
import { PHISH_KEYWORDS, TRUST_KEYWORDS } from './keywords.ts';
import { DYNAMIC_DNS_DOMAINS, PLATFORM_DOMAINS } from './platforms.ts';
import { PROVIDER_CUSTOMER_DOMAINS, PROVIDER_DOMAINS } from './providers.ts';
import { tldTier } from './tld-tiers.ts';

/** Builds the word tables of this folder; a few milliseconds, done once at start. */
export function embeddedLexicon(): Lexicon {
  return buildLexicon({
    brands: BRANDS,
    trustBrands: TRUST_BRANDS,
    phishKeywords: PHISH_KEYWORDS,
    trustKeywords: TRUST_KEYWORDS,
    platforms: PLATFORM_DOMAINS,
    dynamicDns: DYNAMIC_DNS_DOMAINS,
    providers: PROVIDER_DOMAINS,
    providerCustomers: PROVIDER_CUSTOMER_DOMAINS,
    confusables: CONFUSABLES,
    tldTier,
  });
}
