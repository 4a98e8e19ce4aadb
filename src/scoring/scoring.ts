import { LRUCache } from 'lru-cache';
import { embeddedModel } from '../../lists/score/embedded-model.ts';
import { BURST_THRESHOLDS } from '../../lists/score/thresholds.ts';
import type { Config } from '../config/schema.ts';
import type { Host, RegistrableDomain } from '../model/brand.ts';
import type { Evidence, Origin, Verdict } from '../model/flow.ts';
import type { Subject } from '../model/subject.ts';
import { type BurstVerdict, type BurstWindow, EMPTY_BURST, judgeBurst, pushBurst } from '../score/burst.ts';
import type { ScoreModel } from '../score/model.ts';
import { nameParts } from '../score/name-parts.ts';
import { type HostScore, scoreHost } from '../score/score-host.ts';
import { type TrustScore, trustScore } from '../score/trust.ts';
import { burstEvidence, modelEvidence, tableEvidence, trustEvidence, trustTotal } from './evidence.ts';
import type { FeedbackBook } from './feedback-book.ts';

/** Names whose scores are kept. */
const SCORES_MAX = 8_192;
/** Processes whose last names are kept for the burst. */
const PROCESSES_MAX = 1_024;

/**
 * Zones whose registries look into who asks. Narrower than the tier of the trust score: what stands as `edu` or `ac` below a country
 * is sold to anybody in some.
 */
const VETTED = /^(?:edu|int|(?:gov|mil)(?:\.[a-z]{2})?)$/;

interface Burst {
  readonly window: BurstWindow;
  readonly verdict: BurstVerdict;
}

const NO_BURST: Burst = { window: EMPTY_BURST, verdict: judgeBurst(EMPTY_BURST, BURST_THRESHOLDS) };

interface Trusted {
  readonly ageDays: number | null | undefined;
  readonly score: TrustScore;
}

/** What is known of the age of domains. */
export interface Ages {
  /** Days since registration; null when no registry says, undefined when nobody asked yet. */
  days(domain: RegistrableDomain): number | null | undefined;
  /** Asks, and settles when `days` knows more; never rejects. */
  ask(domain: RegistrableDomain): Promise<void>;
}

/** Steps 6 and 7 of decide: the embedded models, the burst of one process, the trust score. */
export class Scoring {
  readonly #model: ScoreModel;
  readonly #scores = new LRUCache<Host, HostScore>({ max: SCORES_MAX });
  readonly #bursts = new LRUCache<number, Burst>({ max: PROCESSES_MAX });
  readonly #trusts = new LRUCache<Host, Trusted>({ max: SCORES_MAX });
  #feedbackVersion = 0;
  /** The last name asked for: the steps of one decision all ask for the same, and a look into the cache costs microseconds. */
  #last: { readonly host: Host; readonly score: HostScore } | null = null;

  constructor(
    private readonly config: Pick<Config, 'generated' | 'phishing' | 'entropy' | 'trust'>,
    private readonly feedback: FeedbackBook,
    private readonly ages: Ages | null,
    model: ScoreModel = embeddedModel(),
  ) {
    const { generated, phishing, entropy } = config;
    const off = { escalate: 1, block: 1 };
    const thresholds = {
      generated: generated.enabled ? generated : off,
      phishing: phishing.enabled ? phishing : off,
      entropy: entropy.tolerance,
    };
    this.#model = { ...model, thresholds };
  }

  /** Notes a name that a process asks for; once a flow, before it is decided. */
  observe(origin: Origin, host: Host | null): void {
    if (host === null || origin.pid === null) return;
    const score = this.score(host);
    if (score.standing !== 'unknown' || score.registrableDomain === null) return;
    const { window } = this.#bursts.get(origin.pid) ?? NO_BURST;
    // A program that stays with one name is the common case, and changes nothing.
    if (window.names.at(-1)?.name === score.registrableDomain) return;
    const name = { name: score.registrableDomain, logit: score.generatedLogit, atMs: performance.now() };
    const next = pushBurst(window, name);
    this.#bursts.set(origin.pid, { window: next, verdict: judgeBurst(next, BURST_THRESHOLDS) });
  }

  /** What the models say of a name, from the cache where it is there. */
  score(host: Host): HostScore {
    if (this.#feedbackVersion !== this.feedback.version) {
      this.#feedbackVersion = this.feedback.version;
      this.#scores.clear();
      this.#last = null;
    }
    if (this.#last?.host === host) return this.#last.score;
    let score = this.#scores.get(host);
    if (score === undefined) {
      const parts = nameParts(host, this.#model.lexicon);
      const label = host.slice(parts.labelStart, parts.labelEnd);
      score = scoreHost(host, this.#model, this.feedback.effect(label).shift);
      this.#scores.set(host, score);
    }
    this.#last = { host, score };
    return score;
  }

  /** Step 6: past a block threshold by itself, or past an escalation threshold within a burst. */
  generated(subject: Subject): Verdict | null {
    if (subject.host === null) return null;
    const score = this.score(subject.host);
    const burst = this.#burst(subject, score);
    if (this.#outcome(score, burst) !== 'block') return null;
    const phishing = score.decidedBy === 'phishing' && score.outcome === 'block';
    const evidence = [
      ...modelEvidence(score, phishing ? 'phishing' : 'generated'),
      ...(burst.raised ? burstEvidence(burst) : []),
    ];
    return {
      kind: 'block',
      stage: 'generated',
      reason: phishing ? 'deceptive_name' : 'generated_name',
      evidence,
    };
  }

  /** Step 7: a name in wide use, or one whose trust score reaches the tolerance, unless step 6 found it doubtful. */
  trust(subject: Subject): Verdict | null {
    if (subject.host === null) return null;
    const score = this.score(subject.host);
    if (this.#outcome(score, this.#burst(subject, score)) !== 'pass') return null;
    if (score.standing === 'popular' || score.standing === 'provider') return allow([tableEvidence(score)]);
    const trust = this.#trust(subject.host);
    if (trust.score < this.config.trust.tolerance) return null;
    return allow([trustTotal(trust, this.config.trust.tolerance)]);
  }

  /**
   * What a verdict on a name is for: its registrable domain; of a customer's name in an operator's zone that no public suffix
   * divides the name itself, so that nobody speaks for all customers. Null where it has none.
   */
  judgedDomain(host: Host): RegistrableDomain | null {
    const { standing, registrableDomain } = this.score(host);
    const isShared = standing === 'provider_customer' && registrableDomain !== null;
    if (!isShared || !this.#model.lexicon.providerCustomers.has(registrableDomain)) return registrableDomain;
    return host as string as RegistrableDomain;
  }

  /** What our own tables say for a name: that it is in wide use, an operator's, or in a zone open to vetted bodies only; else null. */
  listed(host: Host): string | null {
    const score = this.score(host);
    if (score.standing === 'popular' || score.standing === 'provider') return tableEvidence(score).text;
    const { suffix } = nameParts(host, this.#model.lexicon);
    return score.standing === 'unknown' && VETTED.test(suffix)
      ? `.${suffix} is open to vetted bodies only`
      : null;
  }

  /** Whether the models put a name past a block threshold, also where they are not to block by themselves. */
  pastBlock(host: Host): boolean {
    const { standing, generated, phishing, outcome } = this.score(host);
    if (outcome === 'block') return true;
    if (standing === 'popular' || standing === 'provider') return false;
    return generated >= this.config.generated.block || phishing >= this.config.phishing.block;
  }

  /** All that the scores say of a name at a step, for explanations. */
  notes(subject: Subject, stage: 'generated' | 'trust'): readonly Evidence[] {
    if (subject.host === null) return [];
    const score = this.score(subject.host);
    if (stage === 'trust') return trustEvidence(this.#trust(subject.host), this.config.trust.tolerance);
    const burst = this.#burst(subject, score);
    return [
      ...(score.standing === 'unknown' ? [] : [tableEvidence(score)]),
      ...modelEvidence(score, 'generated'),
      ...modelEvidence(score, 'phishing'),
      ...(burst.count === null ? [] : burstEvidence(burst)),
    ];
  }

  /** A promise to wait for before deciding anew, when a verdict rests on an age that nobody has asked for yet. */
  missingAge(subject: Subject, verdict: Verdict): Promise<void> | null {
    if (this.ages === null || subject.host === null || !this.config.trust.enabled) return null;
    if (verdict.stage !== 'trust' && verdict.stage !== 'judge' && verdict.stage !== 'person') return null;
    const score = this.score(subject.host);
    if (score.standing !== 'unknown' || score.registrableDomain === null) return null;
    if (this.ages.days(score.registrableDomain) !== undefined) return null;
    const asked = this.ages.ask(score.registrableDomain);
    const { waitMs } = this.config.trust;
    if (waitMs === 0) return null;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, waitMs);
    void asked.then(() => {
      clearTimeout(timer);
      resolve();
    });
    return promise;
  }

  #trust(host: Host): TrustScore {
    const domain = this.score(host).registrableDomain;
    const ageDays = domain === null ? null : this.ages?.days(domain);
    const known = this.#trusts.get(host);
    if (known !== undefined && known.ageDays === ageDays) return known.score;
    const { lexicon } = this.#model;
    const score = trustScore(nameParts(host, lexicon), { ageDays }, lexicon, this.config.trust.weights);
    this.#trusts.set(host, { ageDays, score });
    return score;
  }

  #burst(subject: Subject, score: HostScore): BurstVerdict {
    const counts =
      subject.origin.pid !== null && score.standing === 'unknown' && this.config.generated.enabled;
    return (counts ? this.#bursts.get(subject.origin.pid) : undefined)?.verdict ?? NO_BURST.verdict;
  }

  #outcome(score: HostScore, burst: BurstVerdict): HostScore['outcome'] {
    const { action, tolerance } = this.config.entropy;
    if (action === 'block' && score.standing === 'unknown' && score.entropy > tolerance) return 'block';
    if (!burst.raised) return score.outcome;
    return score.outcome === 'pass' ? 'escalate' : 'block';
  }
}

function allow(evidence: readonly Evidence[]): Verdict {
  return { kind: 'allow', stage: 'trust', reason: 'trusted', evidence };
}
