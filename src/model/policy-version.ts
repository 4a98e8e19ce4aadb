/** What decisions rest on, part by part: equal parts decide alike. `program` is its version, the others are digests. */
export interface PolicyVersion {
  readonly program: string;
  /** Keys of the configuration that decide. */
  readonly settings: string;
  readonly rules: string;
  /** Lists that are on, with their content. */
  readonly lists: string;
  /** Weights, thresholds, and what a person's overrides taught. */
  readonly scores: string;
}

export const POLICY_PARTS = ['program', 'settings', 'rules', 'lists', 'scores'] as const;
export type PolicyPart = (typeof POLICY_PARTS)[number];

/** The parts that differ. */
export function changedParts(before: PolicyVersion, after: PolicyVersion): readonly PolicyPart[] {
  return POLICY_PARTS.filter((part) => before[part] !== after[part]);
}
