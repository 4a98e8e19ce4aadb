import { networkInterfaces } from 'node:os';
import type { Ip } from '../src/model/brand.ts';
import type { Endpoint } from '../src/model/endpoint.ts';

/** What sockets that are bound to an interface are made of; calls that fail say so, and `error` why. */
export interface SocketCalls {
  /** A descriptor, or -1. */
  open(v6: boolean, kind: 'stream' | 'datagram'): number;
  setNonBlocking(fd: number): boolean;
  /** The number of an interface; 0 when there is none of this name. */
  indexOf(name: string): number;
  /** Ties a socket to an interface: IP_BOUND_IF, IPV6_BOUND_IF. */
  setInterface(fd: number, v6: boolean, index: number): boolean;
  bind(fd: number, local: Endpoint): boolean;
  /** True when it is connected, or on its way. */
  connect(fd: number, remote: Endpoint): boolean;
  localIp(fd: number): Ip | null;
  close(fd: number): void;
  /** The name of the last error. */
  error(): string;
}

/** An address of this machine, and the interface that has it. */
export interface InterfaceAddress {
  readonly name: string;
  readonly ip: string;
}

const ANY = { 4: '0.0.0.0' as Ip, 6: '::' as Ip };
/** Any port will do to ask which way a datagram would go; none is sent. */
const NO_PORT = 9;

/** The addresses of this machine at this moment; link-local ones have their interface with them already. */
export function interfaceAddresses(): InterfaceAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, all]) =>
    (all ?? []).map(({ address }) => ({ name, ip: address })),
  );
}

/**
 * Upstream connections of programs that bind an interface themselves (VPNs, proxies with a tunnel): made without it, ours would go
 * into their tunnel and come to us again. All others are left to the route, which leads the same way.
 */
export class BoundSockets {
  constructor(
    private readonly calls: SocketCalls,
    private readonly addresses: () => readonly InterfaceAddress[],
  ) {}

  start(ip: Ip, port: number, from: Ip, localPort: number): number | string | null {
    if (from.includes(':') !== ip.includes(':') || this.#sourceFor(ip) === from) return null;
    const name = this.addresses().find((address) => address.ip === from)?.name;
    return name === undefined ? null : this.open(name, { ip, port }, localPort);
  }

  /** A socket that is connecting on this interface, or the name of the error. */
  open(name: string, remote: Endpoint, localPort: number): number | string {
    const { calls } = this;
    const v6 = remote.ip.includes(':');
    const fd = calls.open(v6, 'stream');
    if (fd < 0) return calls.error();
    const index = calls.indexOf(name);
    const done =
      index > 0 &&
      calls.setNonBlocking(fd) &&
      calls.setInterface(fd, v6, index) &&
      calls.bind(fd, { ip: v6 ? ANY[6] : ANY[4], port: localPort }) &&
      calls.connect(fd, remote);
    if (done) return fd;
    const error = index > 0 ? calls.error() : 'ENXIO';
    calls.close(fd);
    return error;
  }

  /** The address that connections to `ip` leave from, by the route; null when there is none. */
  #sourceFor(ip: Ip): Ip | null {
    const { calls } = this;
    const fd = calls.open(ip.includes(':'), 'datagram');
    if (fd < 0) return null;
    const source = calls.connect(fd, { ip, port: NO_PORT }) ? calls.localIp(fd) : null;
    calls.close(fd);
    return source;
  }
}
