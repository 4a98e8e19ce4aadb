import type { Host, Ip, RegistrableDomain, Uid, UnixMs } from '../model/brand.ts';
import { cleanText } from '../model/clean.ts';
import type { Effect, Mode, Origin, Verdict } from '../model/flow.ts';
import { normalizeHost } from '../model/host.ts';
import { parseIpRange, rangeText } from '../model/ip.ts';
import type { Subject } from '../model/subject.ts';
import { type TraceStep, trace } from './decide.ts';
import { effectOf } from './effect.ts';
import type { Policy } from './policy.ts';

/** What would happen to a connection, and what every step says of it. */
export interface Explained {
  readonly target: { readonly host: Host | null; readonly ip: Ip | null; readonly port: number };
  /** Whose the name is, where a provider list tells. */
  readonly owner: { readonly name: string; readonly kind: string } | null;
  readonly verdict: Verdict;
  readonly mode: Mode;
  readonly effect: Effect;
  readonly defaulted: boolean;
  readonly steps: readonly TraceStep[];
}

/** Explains a connection under a policy; `canAsk` tells of a verdict what `effectOf` wants to know. */
export function explain(
  subject: Subject,
  policy: Policy,
  settings: { readonly mode: Mode; readonly unattended: 'allow' | 'block' },
  canAsk: (verdict: Verdict) => boolean,
): Explained {
  const unseen = policy.skipped?.unseen(subject) ?? null;
  const { verdict, steps } = unseen === null ? trace(subject, policy) : unasked(unseen);
  const outcome = effectOf(verdict, settings.mode, settings.unattended, canAsk(verdict));
  const effect = outcome.effect === 'refuse' ? 'reset' : outcome.effect === 'hold' ? 'held' : 'forward';
  return {
    target: { host: subject.host, ip: subject.ip, port: subject.port },
    owner: ownerOf(subject.host, policy),
    verdict: outcome.verdict,
    mode: settings.mode,
    effect,
    defaulted: outcome.defaulted,
    steps,
  };
}

/** What never comes to us: no step is asked. */
function unasked(verdict: Verdict): ReturnType<typeof trace> {
  return {
    verdict,
    steps: [{ stage: 'skip', outcome: 'won', kind: verdict.kind, evidence: verdict.evidence }],
  };
}

function ownerOf(host: Host | null, { lists }: Policy): Explained['owner'] {
  const provider = host === null ? null : (lists.provider?.(host) ?? null);
  return provider === null ? null : { name: provider.owner, kind: provider.kind };
}

/** A connection as a person puts it: a name or an address, a port, and who would ask. */
export interface Asked {
  readonly target: string;
  readonly port: number;
  readonly app: string | null;
  readonly user: string | null;
}

/** What a person asks about; `domainOf` as in `Subject.domain`. */
export function subjectOf(
  { target, port, app, user }: Asked,
  now: UnixMs,
  domainOf: (host: Host) => RegistrableDomain | null,
): { readonly ok: true; readonly value: Subject } | { readonly ok: false; readonly error: string } {
  const host = normalizeHost(target);
  const range = host === null ? parseIpRange(target) : null;
  const ip = range?.ok === true ? rangeText(range.range) : null;
  if (host === null && (ip === null || ip.includes('/'))) {
    return { ok: false, error: `"${cleanText(target, 60)}" is neither a host name nor an address` };
  }
  return {
    ok: true,
    value: {
      origin: originOf(app, user),
      host,
      domain: host === null ? null : domainOf(host),
      ip: ip as Ip | null,
      port,
      sniff: null,
      now,
    },
  };
}

function originOf(app: string | null, user: string | null): Origin {
  const uid = user !== null && /^\d{1,10}$/.test(user) ? (Number(user) as Uid) : null;
  return {
    pid: null,
    path: app?.startsWith('/') ? app : null,
    name: app === null ? null : app.slice(app.lastIndexOf('/') + 1),
    uid,
    user: uid === null ? user : null,
    parents: [],
    signer: null,
    responsiblePid: null,
    unknown: null,
  };
}
