import { ownsBrand } from './brand-scan.ts';
import { TRUST } from './constants.ts';
import { editDistance } from './edit-distance.ts';
import { entropyValue } from './entropy.ts';
import type { Lexicon } from './lexicon.ts';
import type { NameParts } from './name-parts.ts';

/** The seven signals, in the order of their weights. */
export type TrustSignalName = keyof typeof TRUST.weights;

/** One signal of the trust score. */
export interface TrustSignal {
  readonly name: TrustSignalName;
  /** What was measured, in words of the field: `3.2 years`, `paypal, one edit`. Null when it could not be had. */
  readonly raw: string | null;
  /** 0 to 1, 1 for full trust; null when unknown. */
  readonly value: number | null;
  /** Weight after the unknown signals' weights were shared out, 0 to 1; 0 for an unknown signal. */
  readonly weight: number;
  /** One sentence for a person. */
  readonly evidence: string;
}

/** The trust score with what it rests on. */
export interface TrustScore {
  /** 0 to 100. */
  readonly score: number;
  readonly signals: readonly TrustSignal[];
}

/** How much each signal counts, in proportion to the others; none below 0, one above it. */
export type TrustWeights = Readonly<Record<TrustSignalName, number>>;

/** What is known from outside the name. */
export interface TrustInputs {
  /** Days since the domain was registered; null when the registry does not say, undefined when nobody asked. */
  readonly ageDays: number | null | undefined;
}

type Measured = Omit<TrustSignal, 'name' | 'weight'>;

const DAYS_A_YEAR = 365.25;

/**
 * The seed's trust score of a host: seven signals, with the seed's weights unless others are given. A signal that could not be had leaves its
 * weight to the rest in proportion; where these have none, the score is 0. The age of a platform's domain says nothing about its customer and is not counted.
 */
export function trustScore(
  parts: NameParts,
  inputs: TrustInputs,
  lexicon: Lexicon,
  weights: TrustWeights = TRUST.weights,
): TrustScore {
  const measured: Readonly<Record<TrustSignalName, Measured>> = {
    age: ageSignal(parts, inputs),
    entropy: entropySignal(parts),
    brand: brandSignal(parts, lexicon),
    tld: tldSignal(parts, lexicon),
    keywords: keywordSignal(parts, lexicon),
    subdomains: subdomainSignal(parts),
    length: lengthSignal(parts),
  };
  const names = Object.keys(TRUST.weights) as TrustSignalName[];
  const known = names.reduce((sum, name) => sum + (measured[name].value === null ? 0 : weights[name]), 0);
  const signals = names.map((name): TrustSignal => {
    const signal = measured[name];
    const counts = signal.value !== null && known > 0;
    return { name, ...signal, weight: counts ? weights[name] / known : 0 };
  });
  const score = 100 * signals.reduce((sum, signal) => sum + signal.weight * (signal.value ?? 0), 0);
  return { score, signals };
}

function ageSignal(parts: NameParts, { ageDays }: TrustInputs): Measured {
  if (parts.hostedBy !== 'none') {
    const evidence = `${parts.suffix} is a ${parts.hostedBy}; its age says nothing about this customer's name`;
    return { raw: null, value: null, evidence };
  }
  if (ageDays === undefined)
    return { raw: null, value: null, evidence: 'the age of the domain has not been looked up' };
  if (ageDays === null)
    return { raw: null, value: null, evidence: 'the age of the domain could not be learned' };
  const value = clamp(ageDays / TRUST.fullAgeDays);
  const raw = ageDays < 90 ? `${Math.floor(ageDays)} days` : `${(ageDays / DAYS_A_YEAR).toFixed(1)} years`;
  return { raw, value, evidence: `the domain was registered ${raw} ago; five years give full trust` };
}

function entropySignal(parts: NameParts): Measured {
  const { value } = entropyValue(parts.host, parts.labelStart, parts.labelEnd);
  const raw = value.toFixed(2);
  const evidence = `the entropy value is ${raw} on a scale from 1 to 5`;
  return { raw, value: clamp((5 - value) / 4), evidence };
}

function brandSignal(parts: NameParts, lexicon: Lexicon): Measured {
  let value = 1;
  let raw = 'no brand';
  let evidence = 'the name resembles none of the sixteen brands most used in phishing';
  for (const brand of lexicon.trustBrands) {
    const name = lexicon.brandNames[brand] ?? '';
    if (ownsBrand(parts, brand, lexicon)) {
      return { raw: `${name}'s own`, value: 1, evidence: `${parts.registrableDomain} belongs to ${name}` };
    }
    const how = resemblance(parts, name);
    if (how === null || TRUST.brand[how] >= value) continue;
    value = TRUST.brand[how];
    raw = `${name}, ${BRAND_WORDS[how]}`;
    evidence = `the name is not ${name}'s, and ${BRAND_SENTENCES[how].replace('%', name)}`;
  }
  return { raw, value, evidence };
}

const BRAND_WORDS = { oneEdit: 'one edit', embedded: 'embedded', twoEdits: 'two edits' } as const;
const BRAND_SENTENCES = {
  oneEdit: 'its label is one edit away from %',
  embedded: 'it carries %',
  twoEdits: 'its label is two edits away from %',
} as const;

function resemblance(parts: NameParts, name: string): keyof typeof TRUST.brand | null {
  const { host, labelStart, labelEnd } = parts;
  const distance = editDistance(host, labelStart, labelEnd, name);
  if (distance === 1) return 'oneEdit';
  const left = host.slice(0, labelEnd);
  const token = left.split(/[.-]/).includes(name);
  if (token || (name.length >= TRUST.brandEmbeddedMinChars && left.includes(name))) return 'embedded';
  return distance === 2 && name.length >= TRUST.brandTwoEditsMinChars ? 'twoEdits' : null;
}

function tldSignal(parts: NameParts, lexicon: Lexicon): Measured {
  const tier = lexicon.tldTier(parts.suffix);
  const evidence = {
    restricted: `.${parts.suffix} is open to vetted bodies only`,
    established: `.${parts.suffix} is an old domain without an unusual record of abuse`,
    open: `.${parts.suffix} is open to everyone`,
    abused: `.${parts.suffix} stands out in abuse reports`,
  }[tier];
  return { raw: `.${parts.suffix}`, value: TRUST.tld[tier], evidence };
}

function keywordSignal(parts: NameParts, lexicon: Lexicon): Measured {
  const tokens = parts.host.slice(0, parts.labelEnd).split(/[.\d-]/);
  const found = [...new Set(tokens.filter((token) => lexicon.trustKeywords.has(token)))];
  const evidence =
    found.length === 0
      ? 'the name carries no suspicious word'
      : `the name carries ${found.slice(0, 4).join(', ')}`;
  return { raw: String(found.length), value: clamp(1 - TRUST.keywordCost * found.length), evidence };
}

function subdomainSignal(parts: NameParts): Measured {
  const depth = parts.subdomains;
  const value = TRUST.subdomainTrust[Math.min(depth, TRUST.subdomainTrust.length - 1)] ?? 0;
  const evidence = `${depth} ${depth === 1 ? 'label stands' : 'labels stand'} left of the registrable domain`;
  return { raw: String(depth), value, evidence };
}

function lengthSignal(parts: NameParts): Measured {
  const chars = parts.labelEnd;
  const span = TRUST.lengthNoneChars - TRUST.lengthFullChars;
  const evidence = `the labels before .${parts.suffix} are ${chars} characters together`;
  return { raw: String(chars), value: clamp((TRUST.lengthNoneChars - chars) / span), evidence };
}

function clamp(value: number): number {
  return Math.max(0, Math.min(1, value));
}
