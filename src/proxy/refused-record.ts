import { unknownOrigin } from '../attribute/attributor.ts';
import type { FlowId, UnixMs } from '../model/brand.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { FlowRecord, Mode, Verdict } from '../model/flow.ts';

/** The record of a connection that was refused at accept, before anything was looked at. */
export function refusedRecord(
  id: FlowId,
  at: UnixMs,
  dst: Endpoint,
  mode: Mode,
  verdict: Verdict,
): FlowRecord {
  return {
    id,
    at,
    origin: unknownOrigin('not_looked_at'),
    target: { host: null, ip: dst.ip, port: dst.port },
    sniff: {
      protocol: 'silent',
      sni: null,
      httpHost: null,
      alpn: [],
      ech: false,
      ja4: null,
      malformed: null,
    },
    verdict,
    mode,
    effect: 'reset',
    defaulted: false,
    nameMismatch: false,
    upstreamIp: null,
    state: 'refused',
    detail: null,
    bytesIn: 0,
    bytesOut: 0,
    decisionUs: 0,
    connectUs: null,
    durationMs: 0,
  };
}
