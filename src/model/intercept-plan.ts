/** What the rules of a kernel are made from; the renderers turn it into text and nothing else. */
export interface InterceptPlan {
  /** Loopback port of the proxy, both families. */
  readonly port: number;
  /** Where the proxy may have been before, or be next: what is redirected reaches no stranger there either. Default: nowhere else. */
  readonly sparePorts?: readonly number[];
  /** Numeric group id whose sockets are left alone. */
  readonly gid: number;
  /** Destination ranges in CIDR text that are left alone, both families mixed. */
  readonly skip: readonly string[];
  /** Ranges that are intercepted though they lie within `skip`, since rules block them; default none. Loopback never is. */
  readonly divert?: readonly string[];
  readonly ports: 'all' | readonly number[];
  readonly rejectUdp443: boolean;
  /** False when ::1 cannot be listened on: IPv6 TCP is then refused in the kernel, never let past unseen. Default true. */
  readonly ipv6Listener?: boolean;
}

/** Ports after the configured one that are taken when it is not free. */
const SPARE_PORTS = 7;
const MAX_PORT = 65_535;

/** Where the proxy listens: the configured port, else the first of these that is free. */
export function proxyPorts(configured: number): readonly number[] {
  const last = Math.min(configured + SPARE_PORTS, MAX_PORT);
  return Array.from({ length: last - configured + 1 }, (_, i) => configured + i);
}
