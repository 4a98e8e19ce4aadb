/**
 * Where our rules live: below `com.apple/*`, which the stock /etc/pf.conf evaluates, so no file of the system is touched.
 * The name must not begin with 250.ApplicationFirewall or 200.AirDrop: XNU treats those as compatible with user-space
 * TCP, and flows of Network.framework would then pass beside pf (bsd/net/pf.c, `compatible_anchors`).
 */
export const PF_ANCHOR = 'com.apple/250.resolagent';

/**
 * First source port of the engine's own connections to servers. pf compares ports before groups,
 * so the costly and, under load, deadlock-prone look-up of a socket's group happens for these ports only.
 */
export const UPSTREAM_PORT_FIRST = 20_000;
/** Last source port of the engine's own connections, inclusive. */
export const UPSTREAM_PORT_LAST = 29_999;

/**
 * How connections that go round by lo0 are told from replies: by their state and the source port of replies, or by leaving out
 * all destination ports that clients use as their own (49152 to 65535), which then are not intercepted.
 */
export type Lo0Form = (typeof LO0_FORMS)[number];
export const LO0_FORMS = ['stateful', 'stateless'] as const;

/** How a redirected IPv6 connection reaches the proxy: on ::1, on fe80::1 of lo0, or not at all (then TCP is refused). */
export type V6Path = 'loopback' | 'link_local' | 'blocked';

/** The order in which the IPv6 paths are tried: the first that the functional probe sees stays. */
export const V6_PATHS: readonly V6Path[] = ['loopback', 'link_local', 'blocked'];
