import type { Host, RegistrableDomain } from '../model/brand.ts';
import { type Hit, scanWords } from './brand-scan.ts';
import { entropyValue } from './entropy.ts';
import { GENERATED_GROUPS, generatedFeatures } from './generated-features.ts';
import { groupPush, linearLogit, type ScoreModel, toLogit, toProbability } from './model.ts';
import { type NameParts, nameParts } from './name-parts.ts';
import { PHISHING_GROUPS, phishingFeatures } from './phishing-features.ts';
import { isPopular } from './popular.ts';
import { skeletonOf } from './skeleton.ts';

/** What a table says about a name before the models are asked. */
type Standing =
  | 'popular' // in wide use or a known brand's own: the models' answers are shown and change nothing
  | 'provider' // labels made by a known operator's machines: likewise
  | 'provider_customer' // a customer's label in an operator's zone: only a lure escalates
  | 'platform' // a customer's label on a platform: the phishing model escalates, nothing blocks
  | 'dynamic_dns' // a customer's label under dynamic DNS: both models escalate, nothing blocks
  | 'unknown';

/** One part of a score. Positive pushes towards hostile, negative towards honest, in log-odds. */
export interface ScoreSignal {
  readonly model: 'generated' | 'phishing';
  readonly name:
    | (typeof GENERATED_GROUPS)[number]
    | (typeof PHISHING_GROUPS)[number]
    | 'table'
    | 'feedback'
    | 'base';
  readonly push: number;
}

/** Log-odds still missing to a threshold; negative when passed. */
interface Margin {
  readonly escalate: number;
  readonly block: number;
}

/** All that the embedded models say about a name. */
export interface HostScore {
  readonly registrableDomain: RegistrableDomain | null;
  /** Probability that a program made the label up, when 1 name in 100 is such. */
  readonly generated: number;
  /** Probability that the name was made to deceive, when 1 name in 100 is such. */
  readonly phishing: number;
  /** The seed's entropy value of the registrable label, 1 to 5. */
  readonly entropy: number;
  /** What steps 6 and 7 of `decide` make of it. */
  readonly outcome: 'pass' | 'escalate' | 'block';
  /** What decided: a model, the entropy value, or the table that the name stands on; `none` when all were quiet. */
  readonly decidedBy: 'generated' | 'phishing' | 'entropy' | 'table' | 'none';
  readonly standing: Standing;
  readonly signals: readonly ScoreSignal[];
  readonly margins: { readonly generated: Margin; readonly phishing: Margin };
  /** Calibrated log-odds of the generated-name model; what the burst window takes. */
  readonly generatedLogit: number;
  /** Brands and lure words met, for the evidence. */
  readonly hits: readonly Hit[];
}

/** What a person's overrides add to each model's log-odds; see `feedback.ts`. */
export interface FeedbackShift {
  readonly generated: number;
  readonly phishing: number;
}

/** Log-odds that a place on a table adds to both models: such names are hostile that much more rarely. */
const TABLE_PUSH: Readonly<Record<Standing, number>> = {
  popular: -4,
  provider: -8,
  provider_customer: -4,
  platform: 0,
  dynamic_dns: 0,
  unknown: 0,
};
/**
 * A high entropy value escalates only if the generated-name model does not think the name better than average: alone it
 * flags 0.6 % of honest domains (short numeric ones) and finds 0.3 % of phishing. The log-odds of 1 name in 100.
 */
const NEUTRAL_LOGIT = -4.6;
const NO_SHIFT: FeedbackShift = { generated: 0, phishing: 0 };
/** Lure words that count like a brand in an operator's customer zone. */
const LURES_NEEDED = 2;

/** Scores one host with both models, a few microseconds. The same host and model give the same answer. */
export function scoreHost(host: Host, model: ScoreModel, shift: FeedbackShift = NO_SHIFT): HostScore {
  const parts = nameParts(host, model.lexicon);
  const standing = standingOf(parts, model);
  const table = TABLE_PUSH[standing];
  const { weights } = model;
  generatedFeatures(parts, weights.letters, model.generatedSink);
  const ownGenerated = linearLogit(weights.generated, model.generatedSink);
  const hits = scanWords(parts, skeletonOf(host, parts.labelEnd, model.lexicon.confusables), model.lexicon);
  phishingFeatures(parts, hits, weights.letters, ownGenerated, model.phishingSink);
  const generatedLogit = ownGenerated + table + shift.generated;
  const phishingLogit = linearLogit(weights.phishing, model.phishingSink) + table + shift.phishing;
  const entropy = entropyValue(host, parts.labelStart, parts.labelEnd).value;
  const margins = {
    generated: marginOf(generatedLogit, model.thresholds.generated),
    phishing: marginOf(phishingLogit, model.thresholds.phishing),
  };
  return {
    registrableDomain: parts.registrableDomain,
    generated: toProbability(generatedLogit),
    phishing: toProbability(phishingLogit),
    entropy,
    ...decideOutcome(
      standing,
      margins,
      entropy > model.thresholds.entropy && generatedLogit > NEUTRAL_LOGIT,
      hits,
    ),
    standing,
    signals: signalsOf(model, table, shift),
    margins,
    generatedLogit,
    hits,
  };
}

function standingOf(parts: NameParts, model: ScoreModel): Standing {
  if (parts.hostedBy === 'provider') return isCustomer(parts, model) ? 'provider_customer' : 'provider';
  if (parts.hostedBy === 'platform') {
    return model.lexicon.dynamicDns.has(parts.suffix) ? 'dynamic_dns' : 'platform';
  }
  const owned = parts.registrableDomain !== null && model.lexicon.owned.has(parts.registrableDomain);
  return owned || isPopular(model.popular, parts.host, parts.labelStart) ? 'popular' : 'unknown';
}

/** Whether the zone lets customers choose labels, and the name has such a label. */
function isCustomer(parts: NameParts, model: ScoreModel): boolean {
  const { host, lexicon } = { host: parts.host, lexicon: model.lexicon };
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    if (lexicon.providerCustomers.has(host.slice(dot + 1))) return true;
  }
  return false;
}

function marginOf(logit: number, thresholds: { escalate: number; block: number }): Margin {
  return { escalate: toLogit(thresholds.escalate) - logit, block: toLogit(thresholds.block) - logit };
}

type Outcome = Pick<HostScore, 'outcome' | 'decidedBy'>;

function decideOutcome(
  standing: Standing,
  margins: HostScore['margins'],
  noisy: boolean,
  hits: readonly Hit[],
): Outcome {
  if (standing === 'popular' || standing === 'provider') return { outcome: 'pass', decidedBy: 'table' };
  const { generated, phishing } = margins;
  if (standing === 'provider_customer') {
    const lured = phishing.escalate <= 0 && hasLure(hits);
    return lured ? { outcome: 'escalate', decidedBy: 'phishing' } : { outcome: 'pass', decidedBy: 'table' };
  }
  if (standing === 'unknown') {
    if (generated.block <= 0) return { outcome: 'block', decidedBy: 'generated' };
    if (phishing.block <= 0) return { outcome: 'block', decidedBy: 'phishing' };
  }
  // Hosting platforms hand out machine-made labels themselves; there a generated look says nothing.
  if (standing !== 'platform' && generated.escalate <= 0) {
    return { outcome: 'escalate', decidedBy: 'generated' };
  }
  if (phishing.escalate <= 0) return { outcome: 'escalate', decidedBy: 'phishing' };
  if (noisy && standing === 'unknown') return { outcome: 'escalate', decidedBy: 'entropy' };
  return { outcome: 'pass', decidedBy: 'none' };
}

function hasLure(hits: readonly Hit[]): boolean {
  let lures = 0;
  for (const hit of hits) {
    if (hit.what === 'brand' && !hit.own && hit.kind !== 'typo') return true;
    if (hit.what === 'keyword') lures++;
  }
  return lures >= LURES_NEEDED;
}

function signalsOf(model: ScoreModel, table: number, shift: FeedbackShift): ScoreSignal[] {
  const signals: ScoreSignal[] = [];
  const { generated, phishing } = model.weights;
  signals.push({
    model: 'generated',
    name: 'base',
    push: generated.slope * generated.bias + generated.offset,
  });
  for (const [i, name] of GENERATED_GROUPS.entries()) {
    signals.push({ model: 'generated', name, push: groupPush(generated, model.generatedSink, i) });
  }
  signals.push({ model: 'phishing', name: 'base', push: phishing.slope * phishing.bias + phishing.offset });
  for (const [i, name] of PHISHING_GROUPS.entries()) {
    signals.push({ model: 'phishing', name, push: groupPush(phishing, model.phishingSink, i) });
  }
  for (const kind of ['generated', 'phishing'] as const) {
    if (table !== 0) signals.push({ model: kind, name: 'table', push: table });
    if (shift[kind] !== 0) signals.push({ model: kind, name: 'feedback', push: shift[kind] });
  }
  return signals;
}
