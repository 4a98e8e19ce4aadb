import type { Host, Ip, Pid, Uid, UnixMs } from '../../src/model/brand.ts';
import type { FlowRecord } from '../../src/model/flow.ts';
import { ancestor, makeFlow, origin, sniff, VERDICTS } from './feed/make-flow.ts';

const HOSTS = [
  'www.example.com',
  'api.openai.example',
  'registry.npmjs.example',
  'objects.githubusercontent.example',
  'doubleclick.ads.example.net',
  'telemetry.vendor.example.org',
  'xn--bcher-kva.example',
  'a-very-long-label-that-goes-on-and-on.cdn.provider-of-content.example.com',
  'x9f3k2q8z7.example',
] as const;

const ORIGINS = [
  origin(),
  origin({
    name: 'node',
    pid: 5100 as Pid,
    path: '/usr/local/bin/node',
    parents: [ancestor('sh', 5000), ancestor('claude', 4000)],
  }),
  origin({
    name: 'firefox',
    pid: 2100 as Pid,
    path: '/usr/lib/firefox/firefox',
    parents: [ancestor('gnome-shell', 1500)],
  }),
  origin({
    name: 'apt',
    pid: 88 as Pid,
    path: '/usr/bin/apt',
    uid: 0 as Uid,
    user: 'root',
    parents: [ancestor('cron', 80)],
  }),
  origin({ name: '日本語プログラム', pid: 91 as Pid, path: '/opt/日本語/プログラム', parents: [] }),
  origin({ name: null, pid: null, path: null, uid: null, user: null, parents: [], unknown: 'socket_gone' }),
] as const;

/** Made-up traffic, always the same for the same id: every kind of verdict, some of it hostile. */
export function trafficFlow(id: number, now: number): FlowRecord {
  const host = HOSTS[(id * 7) % HOSTS.length] ?? HOSTS[0];
  const base = makeFlow(id, {
    host,
    at: now as UnixMs,
    origin: ORIGINS[(id * 5 + (id >> 3)) % ORIGINS.length] ?? origin(),
    decisionUs: 20 + ((id * 37) % 900),
    bytesIn: (id * 7_919) % 3_000_000,
    bytesOut: (id * 104_729) % 90_000,
    state: id % 3 === 0 ? 'open' : 'closed',
    durationMs: id % 3 === 0 ? null : (id * 31) % 9_000,
  });
  const blocked = {
    effect: 'reset',
    state: 'refused',
    upstreamIp: null,
    connectUs: null,
    bytesIn: 0,
    bytesOut: 0,
    durationMs: 1,
  } as const;
  if (host.includes('ads')) return { ...base, ...blocked, verdict: VERDICTS.blocklisted };
  if (id % 11 === 0) return { ...base, verdict: VERDICTS.undecided, defaulted: true };
  if (id % 17 === 0) return { ...base, ...blocked, verdict: VERDICTS.unresolved, nameMismatch: true };
  if (id % 19 === 0)
    return {
      ...base,
      verdict: VERDICTS.asking,
      effect: 'held',
      state: 'open',
      upstreamIp: null,
      connectUs: null,
      durationMs: null,
    };
  if (id % 23 === 0) return { ...base, verdict: VERDICTS.blocklisted, mode: 'permissive' };
  if (id % 29 === 0) return { ...base, state: 'connect_failed', detail: 'ECONNREFUSED', connectUs: null };
  if (id % 13 === 0) {
    const target = { host: null, ip: '2001:db8:85a3::8a2e:370:7334' as Ip, port: 22 };
    return {
      ...base,
      target,
      sniff: sniff({ protocol: 'silent', sni: null, alpn: [], ja4: null }),
      verdict: VERDICTS.undecided,
      defaulted: true,
    };
  }
  return base;
}

/** A flow whose every text attacks the screen. */
export function hostileFlow(id: number): FlowRecord {
  const bad =
    '\u001b[2J\u001b[31mevil\u001b]8;;http://x\u0007\n\r\t\u202egnp.exe\u200b\u0000\u009b5A\u{e0041}z\u0300\u0301\u0302\u0303\u0304';
  return makeFlow(id, {
    host: `a.example` as Host,
    origin: origin({ name: bad, path: `/tmp/${bad}`, user: bad, signer: bad, parents: [ancestor(bad, 7)] }),
    sniff: sniff({ sni: bad, httpHost: bad, alpn: [bad], ja4: bad, malformed: bad }),
    verdict: { ...VERDICTS.blocklisted, evidence: [{ kind: 'note', text: bad }] },
    effect: 'reset',
    detail: bad,
    state: 'connect_failed',
  });
}
