import type { Endpoint } from '../../model/endpoint.ts';
import { AF_INET6, familyOf, readIpv4, readIpv6, writeIp } from '../../system/sockaddr.ts';

/** Longest request: IPv6. */
export const CONNTRACK_REQUEST_BYTES = 128;

const HEADER_BYTES = 20;
const ATTRIBUTE_BYTES = 4;
const NLM_F_REQUEST = 1;
const NLMSG_ERROR = 2;
const CT_GET = 0x0101;
const CT_NEW = 0x0100;
const NESTED = 0x8000;
const TYPE_MASK = 0x3fff;
const IPPROTO_TCP = 6;

// linux/netfilter/nfnetlink_conntrack.h
const CTA_TUPLE_ORIG = 1;
const CTA_TUPLE_REPLY = 2;
const CTA_TUPLE_IP = 1;
const CTA_TUPLE_PROTO = 2;
const CTA_IP_V4_SRC = 1;
const CTA_IP_V6_SRC = 3;
const CTA_PROTO_NUM = 1;
const CTA_PROTO_SRC_PORT = 2;
const CTA_PROTO_DST_PORT = 3;

export type ConntrackReply =
  /** Where the connection came from before any translation. */
  | { readonly kind: 'source'; readonly source: Endpoint }
  | { readonly kind: 'error'; readonly errno: number }
  | { readonly kind: 'stale' }
  | { readonly kind: 'malformed' };

/** Writes the question for the connection whose answers go from `from` to `to`; returns its size. */
export function writeConntrackRequest(view: DataView, seq: number, from: Endpoint, to: Endpoint): number {
  for (let i = 0; i < CONNTRACK_REQUEST_BYTES; i += 4) view.setUint32(i, 0);
  const family = familyOf(to.ip);
  const source = family === AF_INET6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC;
  const addressBytes = family === AF_INET6 ? 16 : 4;
  const ipBytes = 2 * (ATTRIBUTE_BYTES + addressBytes);
  const protoBytes = 3 * (ATTRIBUTE_BYTES + 4);
  let at = HEADER_BYTES;
  /** Writes a header, steps over `stepBytes` of payload and returns where the payload begins. */
  const attribute = (type: number, sizeBytes: number, stepBytes: number): number => {
    const payload = at + ATTRIBUTE_BYTES;
    view.setUint16(at, ATTRIBUTE_BYTES + sizeBytes, true);
    view.setUint16(at + 2, type, true);
    at = payload + stepBytes;
    return payload;
  };
  attribute(CTA_TUPLE_REPLY | NESTED, 2 * ATTRIBUTE_BYTES + ipBytes + protoBytes, 0);
  attribute(CTA_TUPLE_IP | NESTED, ipBytes, 0);
  writeIp(view, attribute(source, addressBytes, addressBytes), from.ip);
  writeIp(view, attribute(source + 1, addressBytes, addressBytes), to.ip);
  attribute(CTA_TUPLE_PROTO | NESTED, protoBytes, 0);
  view.setUint8(attribute(CTA_PROTO_NUM, 1, 4), IPPROTO_TCP);
  view.setUint16(attribute(CTA_PROTO_SRC_PORT, 2, 4), from.port);
  view.setUint16(attribute(CTA_PROTO_DST_PORT, 2, 4), to.port);
  view.setUint32(0, at, true);
  view.setUint16(4, CT_GET, true);
  view.setUint16(6, NLM_F_REQUEST, true);
  view.setUint32(8, seq, true);
  view.setUint8(16, family);
  return at;
}

/** Reads the first `sizeBytes` of `view` as the answer to question `seq`. */
export function readConntrackReply(view: DataView, sizeBytes: number, seq: number): ConntrackReply {
  if (sizeBytes < HEADER_BYTES || view.byteLength < sizeBytes) return { kind: 'malformed' };
  if (view.getUint32(8, true) !== seq) return { kind: 'stale' };
  const type = view.getUint16(4, true);
  if (type === NLMSG_ERROR) return { kind: 'error', errno: -view.getInt32(16, true) };
  const end = view.getUint32(0, true);
  if (type !== CT_NEW || end > sizeBytes) return { kind: 'malformed' };
  const original = find(view, HEADER_BYTES, end, CTA_TUPLE_ORIG);
  const addresses = original && find(view, original.at, original.end, CTA_TUPLE_IP);
  const ports = original && find(view, original.at, original.end, CTA_TUPLE_PROTO);
  const port = ports && find(view, ports.at, ports.end, CTA_PROTO_SRC_PORT);
  if (!addresses || !port || port.end - port.at < 2) return { kind: 'malformed' };
  const ip = sourceOf(view, addresses);
  return ip === null
    ? { kind: 'malformed' }
    : { kind: 'source', source: { ip, port: view.getUint16(port.at) } };
}

interface Span {
  readonly at: number;
  readonly end: number;
}

function sourceOf(view: DataView, within: Span): Endpoint['ip'] | null {
  const v4 = find(view, within.at, within.end, CTA_IP_V4_SRC);
  if (v4 && v4.end - v4.at >= 4) return readIpv4(view, v4.at);
  const v6 = find(view, within.at, within.end, CTA_IP_V6_SRC);
  return v6 && v6.end - v6.at >= 16 ? readIpv6(view, v6.at) : null;
}

/** The payload of the first attribute of a type among those from `at` to `end`; null when there is none or they are broken. */
function find(view: DataView, from: number, end: number, type: number): Span | null {
  for (let at = from; at + ATTRIBUTE_BYTES <= end; ) {
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE_BYTES || at + length > end) return null;
    if ((view.getUint16(at + 2, true) & TYPE_MASK) === type)
      return { at: at + ATTRIBUTE_BYTES, end: at + length };
    at += (length + 3) & ~3;
  }
  return null;
}
