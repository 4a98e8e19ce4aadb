import type { Hit } from './brand-scan.ts';
import { HASH_START, hashFinish, hashStep, hashText } from './feature-hash.ts';
import type { FeatureSink } from './features.ts';
import type { NameParts } from './name-parts.ts';
import { trigramCost } from './trigram.ts';

/** Buckets for letter n-grams and tokens; a power of two. */
const PHISHING_GRAM_BUCKETS = 1 << 17;
/** Buckets for everything else; a power of two. They follow the n-grams. */
const PHISHING_SHAPE_BUCKETS = 1 << 14;
export const PHISHING_BUCKETS = PHISHING_GRAM_BUCKETS + PHISHING_SHAPE_BUCKETS;

/** Groups of features, in the order they are written. */
export const PHISHING_GROUPS = ['letters', 'suffix', 'shape', 'brand', 'keywords'] as const;

const GRAM_MIN = 3;
const GRAM_MAX = 5;
/** Characters read from the right end of the name before its suffix; what is further left adds nothing but time. */
const MAX_CHARS = 96;
const DOT = 0x2e;
const HYPHEN = 0x2d;

const KIND = {
  gram: 0,
  token: 15,
  suffix: 32,
  suffixHosted: 33,
  top: 34,
  length: 35,
  labelLength: 36,
  hyphens: 37,
  digits: 38,
  subdomains: 39,
  subdomainsLength: 40,
  cost: 41,
  generated: 42,
  www: 43,
  longestToken: 44,
  digitsHyphens: 45,
  brand: 48,
  brandWhich: 49,
  brandNone: 50,
  brandKeyword: 51,
  keyword: 52,
  keywordCount: 53,
  brandSuffix: 54,
} as const;

const HIT_KINDS = { label: 0, token: 1, embedded: 2, lookalike: 3, typo: 4 } as const;

/** Writes the features of the whole host into the sink. `generatedLogit` is the other model's answer. */
export function phishingFeatures(
  parts: NameParts,
  hits: readonly Hit[],
  letters: Uint8Array,
  generatedLogit: number,
  sink: FeatureSink,
): void {
  sink.clear();
  const hosted = parts.hostedBy === 'platform' ? 1 : parts.hostedBy === 'provider' ? 2 : 0;
  grams(parts, hosted === 1 ? 2 : 0, sink);
  sink.close(0);
  const suffix = hashText(parts.host, parts.suffixStart, parts.host.length);
  const top = hashText(parts.host, parts.host.lastIndexOf('.') + 1, parts.host.length);
  put(sink, KIND.suffix, suffix);
  put(sink, KIND.top, top);
  put(sink, KIND.suffixHosted, hosted);
  sink.close(1);
  shape(parts, hosted, letters, generatedLogit, sink);
  sink.close(2);
  words(parts, hosted, hits, top, sink);
}

function put(sink: FeatureSink, kind: number, hash: number): void {
  sink.add(PHISHING_GRAM_BUCKETS + (hashFinish(hash, kind) & (PHISHING_SHAPE_BUCKETS - 1)));
}

/**
 * N-grams and tokens of each label, told apart by place: registrable label, customer label, or further left. Punycode
 * labels are left out: their letters mean nothing, and what they look like is the brand scan's business.
 */
function grams(parts: NameParts, zone: number, sink: FeatureSink): void {
  const { host, labelEnd, labelStart } = parts;
  const first = Math.max(0, labelEnd - MAX_CHARS);
  let from = first;
  for (let i = first; i <= labelEnd; i++) {
    if (i < labelEnd && host.charCodeAt(i) !== DOT) continue;
    const place = from >= labelStart ? zone : 1;
    if (!host.startsWith('xn--', from)) {
      labelGrams(host, from, i, place, sink);
      labelTokens(host, from, i, place, sink);
    }
    from = i + 1;
  }
}

function labelGrams(host: string, start: number, end: number, place: number, sink: FeatureSink): void {
  for (let i = start - 1; i < end; i++) {
    let hash = hashStep(HASH_START, place);
    for (let n = 1; n <= GRAM_MAX && i + n - 1 <= end; n++) {
      const at = i + n - 1;
      hash = hashStep(hash, at < start || at >= end ? DOT : host.charCodeAt(at));
      if (n >= GRAM_MIN) sink.add(hashFinish(hash, KIND.gram + n) & (PHISHING_GRAM_BUCKETS - 1));
    }
  }
}

function labelTokens(host: string, start: number, end: number, place: number, sink: FeatureSink): void {
  let token = HASH_START;
  for (let i = start; i <= end; i++) {
    const c = i < end ? host.charCodeAt(i) : HYPHEN;
    if (c !== HYPHEN) {
      token = hashStep(token, c);
      continue;
    }
    sink.add(hashFinish(token, KIND.token + place) & (PHISHING_GRAM_BUCKETS - 1));
    token = HASH_START;
  }
}

function shape(
  parts: NameParts,
  hosted: number,
  letters: Uint8Array,
  generatedLogit: number,
  sink: FeatureSink,
): void {
  const { host, labelStart, labelEnd } = parts;
  let digits = 0;
  let hyphens = 0;
  let token = 0;
  let longest = 0;
  for (let i = 0; i < labelEnd; i++) {
    const c = host.charCodeAt(i);
    if (c >= 0x30 && c <= 0x39) digits++;
    if (c === 0x2d) hyphens++;
    token = c === 0x2d || c === 0x2e ? 0 : token + 1;
    if (token > longest) longest = token;
  }
  const www = host.startsWith('www.') ? 1 : 0;
  const length = labelEnd - labelStart;
  const depth = Math.min(6, parts.subdomains);
  put(sink, KIND.length, (Math.min(labelEnd, 120) >> 2) * 4 + hosted);
  put(sink, KIND.labelLength, Math.min(length, 40) * 4 + hosted);
  put(sink, KIND.hyphens, Math.min(hyphens, 6) * 4 + hosted);
  put(sink, KIND.digits, Math.min(digits, 10) * 4 + hosted);
  put(sink, KIND.subdomains, depth * 8 + hosted * 2 + www);
  put(sink, KIND.subdomainsLength, depth * 64 + Math.min(15, length >> 1));
  put(sink, KIND.cost, Math.round(trigramCost(letters, host, labelStart, labelEnd) * 3) * 4 + hosted);
  put(sink, KIND.generated, Math.max(0, Math.min(12, 6 + Math.round(generatedLogit / 2))) * 4 + hosted);
  put(sink, KIND.www, www * 4 + hosted);
  put(sink, KIND.longestToken, Math.min(longest, 40) * 4 + hosted);
  put(sink, KIND.digitsHyphens, Math.min(digits, 5) * 32 + Math.min(hyphens, 5) * 4 + hosted);
}

function words(parts: NameParts, hosted: number, hits: readonly Hit[], top: number, sink: FeatureSink): void {
  let foreign = 0;
  for (const hit of hits) {
    if (hit.what !== 'brand') continue;
    const how = HIT_KINDS[hit.kind] * 8 + (hit.inSubdomain ? 4 : 0) + (hit.own ? 2 : 0);
    if (!hit.own) foreign++;
    put(sink, KIND.brand, how * 4 + hosted);
    put(sink, KIND.brandWhich, hit.index * 64 + how);
  }
  put(sink, KIND.brandNone, Math.min(3, foreign) * 4 + hosted);
  if (foreign > 0) put(sink, KIND.brandSuffix, top);
  sink.close(3);
  let lures = 0;
  for (const hit of hits) {
    if (hit.what !== 'keyword') continue;
    lures++;
    put(sink, KIND.keyword, hit.index * 16 + HIT_KINDS[hit.kind] * 2 + (hit.inSubdomain ? 1 : 0));
  }
  put(sink, KIND.keywordCount, Math.min(4, lures) * 4 + hosted);
  put(
    sink,
    KIND.brandKeyword,
    Math.min(2, foreign) * 64 + Math.min(3, lures) * 8 + Math.min(7, parts.subdomains),
  );
  sink.close(4);
}
