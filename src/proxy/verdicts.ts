import type { Host, Ip } from '../model/brand.ts';
import { cleanText } from '../model/clean.ts';
import type { Verdict } from '../model/flow.ts';
import type { NoCandidate } from '../resolve/candidates.ts';

const ACCEPT_TEXT = {
  own_traffic: 'the connection comes from the engine itself; forwarding it would loop',
  redirect_loop:
    'the program connects to this destination more than 200 times a second: it tunnels what we sent, and that comes to us again; put the address into intercept.skip',
  not_redirected: 'the connection was made straight to the proxy port, so it has no destination',
  destination_unknown: 'where the connection was going is not known, so it cannot be forwarded',
  too_many_connections: 'as many connections are open as proxy.maxConnections or the descriptor limit allow',
} as const;

export type AcceptReason = keyof typeof ACCEPT_TEXT;

/** A verdict that falls before decide is asked; `detail` says more of it. */
export function acceptVerdict(reason: AcceptReason, detail?: string): Verdict {
  const text = ACCEPT_TEXT[reason] + (detail === undefined ? '' : `: ${detail}`);
  return { kind: 'block', stage: 'accept', reason, evidence: [{ kind: 'note', text }] };
}

/** The verdict on a client that went, or whose time was over, before it said anything. */
export const SAID_NOTHING: Verdict = {
  kind: 'ask',
  stage: 'name',
  reason: 'said_nothing',
  evidence: [{ kind: 'note', text: 'the client said nothing, and at this port no server speaks first' }],
};

/** The verdict on a request that comes behind others on a connection and is for somebody else. */
export function anotherHostVerdict(now: string | null, before: Host | null): Verdict {
  const text = cleanText(
    `a later request is for ${now ?? 'no host'}; the connection was made for ${before ?? 'an address'}`,
  );
  return { kind: 'block', stage: 'name', reason: 'another_host', evidence: [{ kind: 'note', text }] };
}

const NAME_TEXT: Record<NoCandidate, string> = {
  name_unresolved: 'has no address, so the connection cannot be shown to lead to it',
  name_private: 'leads to a private address that the program did not dial',
  upstream_blocked: 'leads to an address that is blocked',
};

/** A verdict of the name-is-true rule, which comes after decide. */
export function nameVerdict(reason: NoCandidate, host: Host, ip: Ip): Verdict {
  const text = `${host} ${NAME_TEXT[reason]}; the program dialled ${ip}`;
  return { kind: 'block', stage: 'name', reason, evidence: [{ kind: 'address', ip, text }] };
}
