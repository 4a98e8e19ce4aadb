/**
 * What a list is for: blocking by category, allowing, or telling popular names and owners. In the order in which lists are
 * numbered: a name on several lists is reported for the first that is on.
 */
export const LIST_KINDS = [
  'malware',
  'phishing',
  'custom',
  'ads',
  'analytics',
  'gambling',
  'adult',
  'fakenews',
  'social',
  'allow',
  'popular',
  'provider',
] as const;
export type ListKind = (typeof LIST_KINDS)[number];
