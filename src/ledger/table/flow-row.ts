import type { FlowRecord } from '../../model/flow.ts';
import type { AppNames, AppTable } from './app-table.ts';

// Bits of the column `flags`.
const ECH = 1;
export const DEFAULTED = 2;
const NAME_MISMATCH = 4;
/** `sni`, `http_host`, `upstream_ip` are what stands in `host`, `host`, `ip`: most are, and it saves a sixth of the row. */
const SNI_IS_HOST = 8;
const HTTP_HOST_IS_HOST = 16;
const UPSTREAM_IS_IP = 32;

const COLUMNS = [
  ...['id', 'at', 'app', 'pid', 'uid', 'user', 'parents', 'responsible_pid', 'unknown'],
  ...['host', 'ip', 'port', 'protocol', 'sni', 'http_host', 'alpn', 'ja4', 'malformed'],
  ...['kind', 'stage', 'reason', 'evidence', 'mode', 'effect', 'flags'],
  ...['upstream_ip', 'state', 'detail', 'bytes_in', 'bytes_out', 'decision_us', 'connect_us', 'duration_ms'],
];

/** Writes a flow, or its newer state over the older one. `at` never changes, so its index is left alone. */
export const UPSERT_FLOW = `INSERT INTO flows (${COLUMNS.join(', ')})
  VALUES (${COLUMNS.map(() => '?').join(', ')})
  ON CONFLICT (id) DO UPDATE SET ${COLUMNS.slice(2)
    .map((name) => `${name} = excluded.${name}`)
    .join(', ')}`;

type Cell = string | number | null;

/** A row of `flows`, by column name. What is in it is checked when the flow is put together again. */
export type FlowRow = Readonly<Record<string, Cell>>;

/** The cells of a flow in the order of `UPSERT_FLOW`; programs go to `apps`. */
export function flowToCells(flow: FlowRecord, apps: AppTable): Cell[] {
  const { origin, target, sniff, verdict } = flow;
  const sniIsHost = sniff.sni !== null && sniff.sni === target.host;
  const httpIsHost = sniff.httpHost !== null && sniff.httpHost === target.host;
  const upstreamIsIp = flow.upstreamIp === target.ip;
  const flags =
    (sniff.ech ? ECH : 0) |
    (flow.defaulted ? DEFAULTED : 0) |
    (flow.nameMismatch ? NAME_MISMATCH : 0) |
    (sniIsHost ? SNI_IS_HOST : 0) |
    (httpIsHost ? HTTP_HOST_IS_HOST : 0) |
    (upstreamIsIp ? UPSTREAM_IS_IP : 0);
  return [
    ...[flow.id, flow.at, apps.idOf(origin, flow), origin.pid, origin.uid, origin.user],
    ...[parentsToText(flow, apps), origin.responsiblePid, origin.unknown],
    ...[target.host, target.ip, target.port, sniff.protocol],
    ...[sniIsHost ? null : sniff.sni, httpIsHost ? null : sniff.httpHost],
    ...[sniff.alpn.length === 0 ? null : JSON.stringify(sniff.alpn), sniff.ja4, sniff.malformed],
    ...[verdict.kind, verdict.stage, verdict.reason, JSON.stringify(verdict.evidence)],
    ...[flow.mode, flow.effect, flags, upstreamIsIp ? null : flow.upstreamIp, flow.state, flow.detail],
    ...[flow.bytesIn, flow.bytesOut, flow.decisionUs, flow.connectUs, flow.durationMs],
  ];
}

/** Puts a flow together from its row, in the shape of `flowSchema` and still to be checked by it; never throws. */
export function rowToFlow(row: FlowRow, apps: AppNames): unknown {
  const flags = Number(row.flags);
  const app = apps.appOf(Number(row.app));
  return {
    id: row.id,
    at: row.at,
    origin: {
      pid: row.pid,
      path: app?.path ?? null,
      name: app?.name ?? null,
      uid: row.uid,
      user: row.user,
      parents: textToParents(row.parents, apps),
      signer: app?.signer ?? null,
      responsiblePid: row.responsible_pid,
      unknown: row.unknown,
    },
    target: { host: row.host, ip: row.ip, port: row.port },
    sniff: {
      protocol: row.protocol,
      sni: (flags & SNI_IS_HOST) !== 0 ? row.host : row.sni,
      httpHost: (flags & HTTP_HOST_IS_HOST) !== 0 ? row.host : row.http_host,
      alpn: row.alpn === null ? [] : parseJson(row.alpn),
      ech: (flags & ECH) !== 0,
      ja4: row.ja4,
      malformed: row.malformed,
    },
    verdict: {
      kind: row.kind,
      stage: row.stage,
      reason: row.reason,
      evidence: parseJson(row.evidence),
    },
    mode: row.mode,
    effect: row.effect,
    defaulted: (flags & DEFAULTED) !== 0,
    nameMismatch: (flags & NAME_MISMATCH) !== 0,
    upstreamIp: (flags & UPSTREAM_IS_IP) !== 0 ? row.ip : row.upstream_ip,
    state: row.state,
    detail: row.detail,
    bytesIn: row.bytes_in,
    bytesOut: row.bytes_out,
    decisionUs: row.decision_us,
    connectUs: row.connect_us,
    durationMs: row.duration_ms,
  };
}

/** Parents as `pid:app pid:app …`, the nearest first; null for none. */
function parentsToText(flow: FlowRecord, apps: AppTable): string | null {
  let text = '';
  for (const { pid, path, name } of flow.origin.parents) {
    text += `${text === '' ? '' : ' '}${pid}:${apps.idOf({ path, name, signer: null }, flow)}`;
  }
  return text === '' ? null : text;
}

function textToParents(text: Cell | undefined, apps: AppNames): unknown[] {
  if (typeof text !== 'string') return [];
  return text.split(' ').map((pair) => {
    const [pid, app] = pair.split(':');
    const { path, name } = apps.appOf(Number(app)) ?? { path: null, name: '' };
    return { pid: Number(pid), path, name: name ?? '' };
  });
}

function parseJson(text: Cell | undefined): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    // Not an array, so the schema refuses the row, and the reader counts it.
    return null;
  }
}
