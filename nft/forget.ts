import { NETLINK_NETFILTER, NetlinkSocket } from '../src/attribute/linux/netlink.ts';
import type { LinuxLibc } from '../src/system/libc.ts';

// linux/netfilter/nfnetlink_conntrack.h
const CT_DELETE = 0x0102;
const CTA_TUPLE_REPLY = 2;
const CTA_TUPLE_IP = 1;
const CTA_TUPLE_PROTO = 2;
const CTA_IP_V4_SRC = 1;
const CTA_PROTO_NUM = 1;
const CTA_PROTO_SRC_PORT = 2;
const CTA_STATUS = 3;
const CTA_STATUS_MASK = 26;
const CTA_FILTER = 25;
const CTA_FILTER_ORIG_FLAGS = 1;
const CTA_FILTER_REPLY_FLAGS = 2;
const NESTED = 0x8000;
/** Which parts of the tuple must be the same: bits in the order of the attributes. */
const SAME_ADDRESS = 1;
const SAME_PORT = 8 | 16;
const IPS_DST_NAT = 32;

const HEADER_BYTES = 20;
const NLM_F_REQUEST = 1;
const NLM_F_ACK = 4;
const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_TCP = 6;

/**
 * Has connection tracking forget the connections that were redirected to these ports of loopback: while somebody else's table keeps
 * translation on, a first packet that is sent again would be brought there after our rules are gone. Linux 5.8; an older one refuses,
 * and keeps them.
 */
export function forgetRedirected(libc: LinuxLibc, ports: readonly number[]): void {
  const netlink = new NetlinkSocket(libc, NETLINK_NETFILTER);
  for (const family of [AF_INET, AF_INET6])
    for (const port of ports)
      netlink.ask(
        (view, seq) => writeForget(view, seq, family, port),
        (view, _size, seq) => ({ kind: view.getUint32(8, true) === seq ? 'answered' : 'stale' }),
        () => ({ kind: 'answered' }),
      );
  netlink.close();
}

/** The ports that a table of ours guards, as nft lists it. */
export function guardedPorts(tableText: string): readonly number[] {
  const [, list = ''] = /chain guard_in \{[^}]*?tcp dport (?:\{ )?([\d, ]+)/.exec(tableText) ?? [];
  return [...list.matchAll(/\d+/g)].map(([port]) => Number(port));
}

function writeForget(view: DataView, seq: number, family: number, port: number): number {
  // IPv6 goes by the port and the translation alone: the kernel compares its addresses the wrong way round (6.18, ctnetlink_filter_match_tuple).
  const isV4 = family === AF_INET;
  const address = isV4 ? attribute(CTA_TUPLE_IP | NESTED, attribute(CTA_IP_V4_SRC, [127, 0, 0, 1])) : [];
  const proto = attribute(CTA_TUPLE_PROTO | NESTED, [
    ...attribute(CTA_PROTO_NUM, [IPPROTO_TCP]),
    ...attribute(CTA_PROTO_SRC_PORT, [port >> 8, port & 255]),
  ]);
  const same = SAME_PORT | (isV4 ? SAME_ADDRESS : 0);
  const body = [
    ...attribute(CTA_TUPLE_REPLY | NESTED, [...address, ...proto]),
    ...attribute(CTA_FILTER | NESTED, [
      ...attribute(CTA_FILTER_ORIG_FLAGS, [0, 0, 0, 0]),
      ...attribute(CTA_FILTER_REPLY_FLAGS, [same, 0, 0, 0]),
    ]),
    ...attribute(CTA_STATUS, [0, 0, 0, IPS_DST_NAT]),
    ...attribute(CTA_STATUS_MASK, [0, 0, 0, IPS_DST_NAT]),
  ];
  const sizeBytes = HEADER_BYTES + body.length;
  view.setUint32(0, sizeBytes, true);
  view.setUint16(4, CT_DELETE, true);
  view.setUint16(6, NLM_F_REQUEST | NLM_F_ACK, true);
  view.setUint32(8, seq, true);
  view.setUint32(12, 0);
  view.setUint8(16, family);
  // Version 1 makes the family count.
  view.setUint8(17, 1);
  view.setUint16(18, 0);
  for (const [i, byte] of body.entries()) view.setUint8(HEADER_BYTES + i, byte);
  return sizeBytes;
}

/** An attribute as netlink(7) wants it, with what fills it up to a multiple of four. */
function attribute(type: number, payload: readonly number[]): number[] {
  const sizeBytes = 4 + payload.length;
  const fill = new Array<number>(-sizeBytes & 3).fill(0);
  return [sizeBytes & 255, sizeBytes >> 8, type & 255, type >> 8, ...payload, ...fill];
}
