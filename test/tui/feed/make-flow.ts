import type { FlowId, Host, Ip, Pid, RuleId, Uid, UnixMs } from '../../../src/model/brand.ts';
import type { Ancestor, FlowRecord, Origin, Sniff, Verdict } from '../../../src/model/flow.ts';

/** 2026-11-20 12:00:00 UTC, when the flows of the tests begin. */
export const START_MS = 1_795_176_000_000;

/** A parent process. */
export function ancestor(name: string, pid: number): Ancestor {
  return { name, pid: pid as Pid, path: `/usr/bin/${name}` };
}

/** An origin: curl of alice, started by bash. */
export function origin(part: Partial<Origin> = {}): Origin {
  return {
    pid: 4242 as Pid,
    path: '/usr/bin/curl',
    name: 'curl',
    uid: 1000 as Uid,
    user: 'alice',
    parents: [ancestor('bash', 4200), ancestor('tmux: server', 900), ancestor('systemd', 1)],
    signer: null,
    responsiblePid: null,
    unknown: null,
    ...part,
  };
}

/** What the first bytes of a TLS connection told. */
export function sniff(part: Partial<Sniff> = {}): Sniff {
  return {
    protocol: 'tls',
    sni: 'www.example.com',
    httpHost: null,
    alpn: ['h2', 'http/1.1'],
    ech: false,
    ja4: 't13d1516h2_8daaf6152771_b186095e22b6',
    malformed: null,
    ...part,
  };
}

/** Verdicts as the engine gives them. */
export const VERDICTS = {
  allowlisted: {
    kind: 'allow',
    stage: 'allowlist',
    reason: 'allowlisted',
    evidence: [
      {
        kind: 'list',
        list: 'builtin',
        category: 'allow',
        entry: 'example.com',
        line: 12,
        text: 'example.com is on the built-in allowlist',
      },
    ],
  },
  blocklisted: {
    kind: 'block',
    stage: 'blocklist',
    reason: 'blocklisted',
    evidence: [
      {
        kind: 'list',
        list: 'third-party-web',
        category: 'ads',
        entry: 'ads.example.com',
        line: 4211,
        text: 'ads.example.com is listed for ads',
      },
    ],
  },
  ruled: {
    kind: 'block',
    stage: 'rules',
    reason: 'rule',
    evidence: [{ kind: 'rule', rule: 'a1b2c3d4' as RuleId, text: 'block example.net, made on the screen' }],
  },
  undecided: { kind: 'ask', stage: 'person', reason: 'nobody_to_ask', evidence: [] },
  asking: { kind: 'ask', stage: 'person', reason: 'open_question', evidence: [] },
  unresolved: {
    kind: 'block',
    stage: 'name',
    reason: 'name_unresolved',
    evidence: [{ kind: 'note', text: 'no resolver knows an address of the name' }],
  },
} as const satisfies Record<string, Verdict>;

/** One flow: curl to www.example.com, allowed and closed, unless told otherwise. */
export function makeFlow(
  id: number,
  part: Partial<Omit<FlowRecord, 'id'>> & { host?: string | null } = {},
): FlowRecord {
  const { host = 'www.example.com', ...rest } = part;
  return {
    id: id as FlowId,
    at: (START_MS + id * 1_000) as UnixMs,
    origin: origin(),
    target: { host: host as Host | null, ip: '203.0.113.7' as Ip, port: 443 },
    sniff: sniff({ sni: host }),
    verdict: VERDICTS.allowlisted,
    mode: 'enforce',
    effect: 'forward',
    defaulted: false,
    nameMismatch: false,
    upstreamIp: '203.0.113.7' as Ip,
    state: 'closed',
    detail: null,
    bytesIn: 12_345,
    bytesOut: 678,
    decisionUs: 42,
    connectUs: 12_300,
    durationMs: 3_210,
    ...rest,
  };
}

/** A flow that the blocklist stopped. */
export function blockedFlow(id: number, host = 'ads.example.com'): FlowRecord {
  return makeFlow(id, {
    host,
    verdict: VERDICTS.blocklisted,
    effect: 'reset',
    upstreamIp: null,
    state: 'refused',
    bytesIn: 0,
    bytesOut: 0,
    connectUs: null,
    durationMs: 1,
  });
}
