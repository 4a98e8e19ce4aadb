import { unknownOrigin } from '../attribute/attributor.ts';
import type { JudgeMemory } from '../judge/desk/ports.ts';
import { setUpJudge } from '../judge/desk/set-up.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Host, Ip, UnixMs } from '../model/brand.ts';
import { decide } from '../policy/decide.ts';
import type { Policy } from '../policy/policy.ts';
import type { Registrations } from '../registration/registrations.ts';
import { Asking, type AskingParts } from './asking.ts';
import type { Decider } from './decider.ts';

/** What the engine gives to asking; read at the moment of use, so that a changed policy counts at once. */
export interface AskingHost extends Pick<AskingParts, 'config' | 'screens' | 'notice' | 'changed'> {
  readonly ledger: Ledger;
  readonly registrations: Registrations;
  readonly stateDir: string;
  readonly memory: JudgeMemory;
  readonly decider: Decider;
}

/** Judge and person, as the engine asks them. */
export function askingOf(host: AskingHost): Asking {
  const { ledger, registrations, stateDir, decider, changed } = host;
  const blocked = (name: Host | null, ip: Ip | null): string | null => blockedBy(decider.policy, name, ip);
  return new Asking({
    ...host,
    store: ledger,
    background: {
      scores: (subject) => [
        ...decider.scoring.notes(subject, 'generated'),
        ...decider.scoring.notes(subject, 'trust'),
      ],
      listed: (name) => decider.scoring.listed(name),
      pastBlock: (name) => decider.scoring.pastBlock(name),
      firstSeen: (app) => ledger.appFirstSeen(app),
    },
    setUp: (config) => setUpJudge({ config, stateDir, ledger, registrations, blocked }),
    stateChanged: () => {
      decider.renew();
      changed();
    },
  });
}

/**
 * What blocks a name or address for everybody, to be read behind "is on"; the judge's own tools do not go there either. What the
 * judge itself says does not count: with `whileJudging = "block"` that would be the very name it looks into.
 */
export function blockedBy(policy: Policy, host: Host | null, ip: Ip | null): string | null {
  const origin = unknownOrigin('not_looked_at');
  const subject = { origin, host, domain: null, ip, port: 443, sniff: null, now: Date.now() as UnixMs };
  const verdict = decide(subject, { ...policy, cache: null, judge: null });
  if (verdict.kind !== 'block') return null;
  const [first] = verdict.evidence;
  return first?.kind === 'list'
    ? `the ${first.category} list ${first.list}`
    : 'the list of what is blocked here';
}
