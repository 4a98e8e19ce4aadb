import { unknownOrigin } from '../attribute/attributor.ts';
import { setUpJudge } from '../judge/desk/configured.ts';
import type { JudgeMemory } from '../judge/desk/parts.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Host, Ip, UnixMs } from '../model/brand.ts';
import { decide } from '../policy/decide.ts';
import type { Policy } from '../policy/policy.ts';
import type { Registrations } from '../registration/registrations.ts';
import type { Scoring } from '../scoring/scoring.ts';
import { Asking, type AskingParts } from './asking.ts';

/** What the engine gives to asking; read at the moment of use, so a changed policy counts at once. */
export interface AskingHost
  extends Pick<AskingParts, 'config' | 'screens' | 'notice' | 'stateChanged' | 'changed'> {
  readonly ledger: Ledger;
  readonly registrations: Registrations;
  readonly stateDir: string;
  readonly memory: JudgeMemory;
  readonly scoring: () => Scoring;
  readonly policy: () => Policy;
}

/** Judge and person, as the engine asks them. */
export function askingOf(host: AskingHost): Asking {
  const { ledger, registrations, stateDir } = host;
  const blocked = (name: Host | null, ip: Ip | null): string | null => blockedBy(host.policy(), name, ip);
  return new Asking({
    ...host,
    store: ledger,
    background: {
      domainOf: (name) => host.scoring().judgedDomain(name),
      scores: (q) => [...host.scoring().notes(q, 'generated'), ...host.scoring().notes(q, 'trust')],
      pastBlock: (name) => host.scoring().pastBlock(name),
      firstSeen: (app) => ledger.appFirstSeen(app),
    },
    setUp: (config) => setUpJudge({ config, stateDir, ledger, registrations, blocked }),
  });
}

/**
 * What blocks a name or address for everybody, to be read behind "is on"; the judge's own tools do not go there either. What the
 * judge itself says does not count: with `whileJudging = "block"` that would be the very name it looks into.
 */
export function blockedBy(policy: Policy, host: Host | null, ip: Ip | null): string | null {
  const question = { origin: unknownOrigin('not_looked_at'), host, ip, port: 443, sniff: null };
  const verdict = decide({ ...question, now: Date.now() as UnixMs }, { ...policy, cache: null, judge: null });
  if (verdict.kind !== 'block') return null;
  const [first] = verdict.evidence;
  return first?.kind === 'list'
    ? `the ${first.category} list ${first.list}`
    : 'the list of what is blocked here';
}
