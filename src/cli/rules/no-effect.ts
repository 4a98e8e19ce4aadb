import type { Config } from '../../config/schema.ts';
import type { Rule } from '../../model/rule.ts';
import { parsePattern } from '../../policy/rules/host-pattern.ts';
import { neverSeen } from '../../policy/skip.ts';

/** Why a rule can never have an effect, in words; null when it can. */
export function noEffect({ host }: Pick<Rule, 'host'>, { intercept }: Config): string | null {
  const read = parsePattern(host);
  return read.ok && read.pattern.kind === 'range' ? neverSeen(read.pattern.range, intercept.skip) : null;
}
