import { clipBurst } from '../src/score/burst.ts';
import type { Lexicon } from '../src/score/lexicon.ts';
import { isPopular, type PopularTable } from '../src/score/popular.ts';
import type { Calibration } from './calibrate.ts';
import { chooseThreshold, type HonestSet } from './choose-thresholds.ts';
import type { Example } from './examples.ts';
import type { GeneratedTraining } from './generated-training.ts';
import { type Estimate, share } from './metrics.ts';
import { type Random, seededRandom } from './random.ts';

/** An example with the answers of models that had not seen it. */
export interface Held {
  readonly example: Example;
  readonly generated: number;
  readonly phishing: number;
}

/** A threshold in log-odds with the share of honest names above it. */
export interface Chosen {
  readonly logit: number;
  readonly hosts: Estimate;
  readonly domains: Estimate;
  /** Share of hostile names above it, table and platforms applied. */
  readonly caught: Estimate;
}

/** The four thresholds. */
export interface ChosenThresholds {
  readonly generatedBlock: Chosen;
  readonly generatedEscalate: Chosen;
  readonly phishingBlock: Chosen;
  readonly phishingEscalate: Chosen;
}

/** Largest shares of honest names: of popular hosts, and of a list of registrable domains. */
const BUDGETS = {
  generatedBlock: { hosts: 0.00004, domains: 0.00018 },
  generatedEscalate: { hosts: 0.003, domains: 0.01 },
  phishingBlock: { hosts: 0.00002, domains: 0.0001 },
  phishingEscalate: { hosts: 0.0045, domains: 0.018 },
} as const;

/** Chooses the thresholds on held-out honest names: Umbrella hosts and Tranco domains, the tables in front. */
export function chooseAll(held: readonly Held[], table: PopularTable, lexicon: Lexicon): ChosenThresholds {
  const open = (h: Held): boolean => h.example.parts.hostedBy === 'none' && !isOnTable(h.example);
  const touchable = (h: Held): boolean => h.example.parts.hostedBy === 'platform' || open(h);
  const underDynamicDns = (h: Held): boolean => lexicon.dynamicDns.has(h.example.parts.suffix);
  const isOnTable = ({ parts }: Example): boolean =>
    lexicon.owned.has(parts.registrableDomain ?? '') || isPopular(table, parts.host, parts.labelStart);
  const hosts = held.filter((h) => h.example.file === 'benign_hosts');
  const domains = held.filter((h) => h.example.group === 'tranco26');
  const hostile = held.filter((h) => h.example.hostile);
  const choose = (
    kind: 'generated' | 'phishing',
    budget: { hosts: number; domains: number },
    which: (h: Held) => boolean,
  ): Chosen => {
    const set = (all: readonly Held[], share: number): HonestSet => ({
      logits: Float64Array.from(all.filter(which), (h) => h[kind]),
      total: all.length,
      budget: share,
    });
    const logit = chooseThreshold([set(hosts, budget.hosts), set(domains, budget.domains)]);
    const above = (all: readonly Held[]): Estimate =>
      share(all.filter((h) => which(h) && h[kind] > logit).length, all.length);
    return { logit, hosts: above(hosts), domains: above(domains), caught: above(hostile) };
  };
  return {
    generatedBlock: choose('generated', BUDGETS.generatedBlock, open),
    generatedEscalate: choose('generated', BUDGETS.generatedEscalate, (h) => open(h) || underDynamicDns(h)),
    phishingBlock: choose('phishing', BUDGETS.phishingBlock, open),
    phishingEscalate: choose('phishing', BUDGETS.phishingEscalate, touchable),
  };
}

/** One row of the burst table as measured. */
export interface BurstRow {
  readonly count: number;
  readonly mean: number;
  readonly fpr: number;
  readonly known: Estimate;
  readonly unseen: Estimate;
}

const BURST_COUNTS = [3, 5, 10];
const BURST_FPR = 0.001;
const BURST_DRAWS = 40_000;
const BURST_SEED = 31;

/** Thresholds of the burst table: honest processes are drawn as random sets of honest domains, infected ones as names of one family. */
export function burstThresholds(
  held: readonly Held[],
  training: GeneratedTraining,
  line: Calibration,
): BurstRow[] {
  const random = seededRandom(BURST_SEED);
  const honest = held
    .filter((h) => h.example.group === 'tranco26' || h.example.group === 'alexa13')
    .map((h) => h.generated);
  const calibrated = (scores: Float64Array, family: string): number[] =>
    [...scores].flatMap((score, i) =>
      training.examples[i]?.group === family ? [line.slope * score + line.offset] : [],
    );
  const families = [...new Set(training.examples.filter((e) => e.hostile).map((e) => e.group))].sort();
  const known = families.map((family) => calibrated(training.knownScores, family));
  const unseen = families.map((family) => calibrated(training.newScores, family));
  return BURST_COUNTS.map((count) => {
    const quiet = Float64Array.from({ length: BURST_DRAWS }, () => drawMean(honest, count, random)).sort();
    const mean = Math.ceil((quiet[quiet.length - 1 - Math.floor(BURST_FPR * BURST_DRAWS)] ?? 0) * 100) / 100;
    const caught = (pools: readonly number[][]): Estimate => {
      const draws = Float64Array.from({ length: BURST_DRAWS / 4 }, () =>
        drawMean(random.pick(pools), count, random),
      );
      return share(draws.filter((value) => value > mean).length, draws.length);
    };
    return { count, mean, fpr: BURST_FPR, known: caught(known), unseen: caught(unseen) };
  });
}

function drawMean(pool: readonly number[], count: number, random: Random): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += clipBurst(random.pick(pool));
  return sum / count;
}
