import type { FlowId, Host, Ip, Pid, Uid, UnixMs } from '../../src/model/brand.ts';
import type { FlowRecord } from '../../src/model/flow.ts';

const BASE_MS = 1_790_000_000_000;

/** A flow as a browser on a desktop makes them; differs by `n` in host, address, processes and counts. */
export function sampleFlow(n: number, over: Partial<FlowRecord> = {}): FlowRecord {
  const host = `cdn${n % 997}.example-service.com` as Host;
  const ip = `203.0.113.${n % 250}` as Ip;
  const systemd = { path: '/usr/lib/systemd/systemd', name: 'systemd' };
  return {
    id: n as FlowId,
    at: (BASE_MS + n) as UnixMs,
    origin: {
      pid: (4_000 + (n % 500)) as Pid,
      path: '/usr/lib/firefox/firefox',
      name: 'firefox',
      uid: 1_000 as Uid,
      user: 'alice',
      parents: [
        { pid: (2_000 + (n % 50)) as Pid, path: '/usr/bin/gnome-shell', name: 'gnome-shell' },
        { pid: 1_500 as Pid, ...systemd },
        { pid: 1 as Pid, ...systemd },
      ],
      signer: null,
      responsiblePid: null,
      unknown: null,
    },
    target: { host, ip, port: 443 },
    sniff: {
      protocol: 'tls',
      sni: host,
      httpHost: null,
      alpn: ['h2', 'http/1.1'],
      ech: false,
      ja4: 't13d1516h2_8daaf6152771_e5627efa2ab1',
      malformed: null,
    },
    verdict: {
      kind: 'allow',
      stage: 'allowlist',
      reason: 'allowlisted',
      evidence: [
        {
          kind: 'list',
          list: 'builtin-allow',
          category: 'allow',
          entry: 'example-service.com',
          line: 118,
          text: 'example-service.com is on the built-in allowlist',
        },
      ],
    },
    mode: 'enforce',
    effect: 'forward',
    defaulted: false,
    nameMismatch: false,
    upstreamIp: ip,
    state: 'open',
    detail: null,
    bytesIn: 0,
    bytesOut: 0,
    decisionUs: 12.5,
    connectUs: 1_234.5,
    durationMs: null,
    ...over,
  };
}

/** The same flow at its end. */
export function ended(flow: FlowRecord): FlowRecord {
  return { ...flow, state: 'closed', bytesIn: 48_213, bytesOut: 1_834, durationMs: 812.25 };
}

/** A flow that was stopped. */
export function blockedFlow(n: number, over: Partial<FlowRecord> = {}): FlowRecord {
  return sampleFlow(n, {
    effect: 'reset',
    state: 'refused',
    upstreamIp: null,
    connectUs: null,
    verdict: {
      kind: 'block',
      stage: 'blocklist',
      reason: 'blocklisted',
      evidence: [{ kind: 'note', text: 'listed as a tracker' }],
    },
    ...over,
  });
}
