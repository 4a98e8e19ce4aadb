import type { Config } from '../config/schema.ts';
import type { Judging } from '../judge/desk/judging.ts';
import type { LoadedLists } from '../lists/loaded-lists.ts';
import type { Host, RegistrableDomain } from '../model/brand.ts';
import type { Mode, Origin, Verdict } from '../model/flow.ts';
import type { Subject } from '../model/subject.ts';
import type { Policy, Step } from '../policy/policy.ts';
import type { RuleSet } from '../policy/rules/rule-set.ts';
import type { FairShare } from '../proxy/fair-share.ts';
import type { Deciding } from '../proxy/ports.ts';
import { acceptVerdict } from '../proxy/verdicts.ts';
import type { ScoreModel } from '../score/model.ts';
import type { FeedbackBook } from '../scoring/feedback-book.ts';
import { type Ages, Scoring } from '../scoring/scoring.ts';
import { policyOf } from './policy.ts';

/** What decisions rest on. */
export interface DeciderParts {
  readonly config: Config;
  readonly rules: RuleSet;
  readonly lists: LoadedLists;
  readonly feedback: FeedbackBook;
  readonly ages: Ages | null;
  readonly model: ScoreModel;
  readonly share: FairShare;
  /** Flows that are open or held now. */
  readonly openFlows: () => number;
}

/** Decides flows by the policy in force, which is made anew when the configuration or the judge's state changes. */
export class Decider implements Deciding {
  policy: Policy;
  scoring: Scoring;
  #config: Config;
  #judging: Judging | null = null;
  #answered: Step | null = null;

  constructor(private readonly parts: DeciderParts) {
    this.#config = parts.config;
    this.scoring = this.#newScoring();
    this.policy = this.#newPolicy();
  }

  get mode(): Mode {
    return this.#config.policy.mode;
  }

  get unattended(): 'allow' | 'block' {
    return this.#config.policy.unattended;
  }

  /** Takes those who are asked; before the first flow. */
  consult(judging: Judging, answered: Step): void {
    this.#judging = judging;
    this.#answered = answered;
    this.renew();
  }

  configure(config: Config): void {
    this.#config = config;
    this.scoring = this.#newScoring();
    this.renew();
  }

  /** Makes the policy anew: the judge's server came or went. */
  renew(): void {
    this.policy = this.#newPolicy();
  }

  domainOf(host: Host): RegistrableDomain | null {
    return this.scoring.judgedDomain(host);
  }

  refusal(origin: Origin): Verdict | null {
    if (origin.pid === process.pid) return acceptVerdict('own_traffic');
    const { share, openFlows } = this.parts;
    const crowded = share.exhausted(origin.uid, openFlows(), this.#config.proxy.maxConnections);
    return crowded ? acceptVerdict('too_many_connections') : null;
  }

  observe(subject: Subject): void {
    this.scoring.observe(subject.origin, subject.host);
  }

  missing(subject: Subject, verdict: Verdict): Promise<void> | null {
    return this.scoring.missingAge(subject, verdict);
  }

  #newScoring(): Scoring {
    const { feedback, ages, model } = this.parts;
    return new Scoring(this.#config, feedback, ages, model);
  }

  #newPolicy(): Policy {
    const { rules, lists } = this.parts;
    const policy = policyOf(this.#config, rules, lists, this.scoring, this.#judging);
    return { ...policy, answered: this.#answered };
  }
}
