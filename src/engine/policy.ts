import { join } from 'node:path';
import { embeddedModel } from '../../lists/score/embedded-model.ts';
import type { Config } from '../config/schema.ts';
import type { Judging } from '../judge/desk/judging.ts';
import type { HostLists } from '../policy/lists/host-lists.ts';
import type { Policy } from '../policy/policy.ts';
import type { RuleSet } from '../policy/rules/rule-set.ts';
import { skippedRanges } from '../policy/skip.ts';
import type { ScoreModel } from '../score/model.ts';
import { nameParts } from '../score/name-parts.ts';
import { FeedbackBook } from '../scoring/feedback-book.ts';
import { Scoring } from '../scoring/scoring.ts';

/** What overrides taught, from its file in the state folder. */
export function feedbackOf(
  stateDir: string,
  model: ScoreModel,
  notice: (text: string) => void,
): FeedbackBook {
  const labelOf: ConstructorParameters<typeof FeedbackBook>[1] = (host) => {
    const { labelStart, labelEnd } = nameParts(host, model.lexicon);
    return host.slice(labelStart, labelEnd);
  };
  return new FeedbackBook(join(stateDir, 'feedback.json'), labelOf, notice);
}

/** All that decide asks, in the machine door; without a judge nothing is asked of one. */
export function policyOf(
  config: Config,
  rules: RuleSet,
  lists: HostLists,
  scoring: Scoring,
  judging: Judging | null,
): Policy {
  const judge = judging?.isSetUp === true ? judging : null;
  return {
    scope: null,
    rules,
    lists,
    skipped: skippedRanges(config.intercept.skip, (now) => rules.blockedRanges(now)),
    generated: (subject) => scoring.generated(subject),
    trust: config.trust.enabled ? (subject) => scoring.trust(subject) : null,
    scores: (subject, stage) => scoring.notes(subject, stage),
    ...(judge === null
      ? {}
      : {
          found: (subject) => judge.found(subject),
          cache: (subject) => judge.kept(subject),
          judge: (subject) => judge.ask(subject),
          judgeNotes: (subject) => judge.notes(subject),
        }),
  };
}

/** The same without an engine: ages of domains are not known, and nothing is asked of the network. */
export function offlinePolicy(
  config: Config,
  stateDir: string,
  rules: RuleSet,
  lists: HostLists,
  notice: (text: string) => void,
): Policy {
  const model = embeddedModel();
  return policyOf(
    config,
    rules,
    lists,
    new Scoring(config, feedbackOf(stateDir, model, notice), null, model),
    null,
  );
}
