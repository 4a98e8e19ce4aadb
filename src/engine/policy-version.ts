import type { Config } from '../config/schema.ts';
import { digestOf } from '../files/digest.ts';
import type { PolicyVersion } from '../model/policy-version.ts';

/** What a policy is made of, each able to tell itself apart. */
export interface PolicyParts {
  /** Of this build; the weights of the scores belong to it. */
  readonly program: string;
  readonly config: Config;
  readonly rules: { readonly digest: string };
  readonly lists: { readonly digest: string };
  /** What a person's overrides taught the scores. */
  readonly feedback: { readonly digest: string };
}

/** The version of the policy in force. */
export function policyVersion({ program, config, rules, lists, feedback }: PolicyParts): PolicyVersion {
  const { mode, unattended, ask } = config.policy;
  const { generated, phishing, entropy, trust } = config;
  const { enabled, model, whileJudging } = config.judge;
  const deciding = {
    mode,
    unattended,
    ask,
    generated,
    phishing,
    entropy,
    trust,
    enabled,
    model,
    whileJudging,
  };
  return {
    program,
    settings: digestOf(JSON.stringify(deciding)),
    rules: rules.digest,
    lists: lists.digest,
    scores: feedback.digest,
  };
}
