import type { RuleId, UnixMs } from './brand.ts';

/**
 * The host part of a rule, as written.
 * `example.com` the name and everything under it · `=example.com` that name only · `*.example.com` only what is under it ·
 * `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32` addresses · `*` anything.
 */
export type HostPattern = string;

/** What a rule can do. */
export const RULE_ACTIONS = ['allow', 'block'] as const;

/** How a rule was made; `file` is one of rules.d. */
export const RULE_ORIGINS = ['screen', 'command', 'import', 'file'] as const;

/** A person's or a file's word about some connections. Null in a dimension means any. */
export interface Rule {
  readonly id: RuleId;
  readonly action: (typeof RULE_ACTIONS)[number];
  readonly host: HostPattern;
  readonly port: number | null;
  /** Absolute path of an executable, or a bare file name; matches the program itself or any of its parents. */
  readonly app: string | null;
  /** User name or numeric uid as text. */
  readonly user: string | null;
  /** The rule is void from this moment on. */
  readonly until: UnixMs | null;
  readonly createdAt: UnixMs;
  readonly origin: (typeof RULE_ORIGINS)[number];
  readonly note: string | null;
}
