import type { RuleId, UnixMs } from '../../src/model/brand.ts';
import type { Rule } from '../../src/model/rule.ts';

/** A rule with everything in it, about the name `ID.example`, `over` on top. */
export function sampleRule(id: string, over: Partial<Rule> = {}): Rule {
  return {
    id: id as RuleId,
    action: 'block',
    host: `${id}.example`,
    port: 443,
    app: '/usr/bin/curl',
    user: 'alice',
    until: 4_102_444_800_000 as UnixMs,
    createdAt: 1_780_000_000_000 as UnixMs,
    origin: 'command',
    note: 'it\'s "quoted"\n',
    ...over,
  };
}
