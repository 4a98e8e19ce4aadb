import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';
import type { ProbeResult } from '../src/intercept/interceptor.ts';
import type { Ip } from '../src/model/brand.ts';
import type { Endpoint } from '../src/model/endpoint.ts';
import type { InterceptPlan } from '../src/model/intercept-plan.ts';
import { type ProgramInput, type ProgramResult, programError } from '../src/system/run-program.ts';
import { canonicalCidr } from './anchor.ts';
import type { Lo0Form } from './anchor-name.ts';
import { PROBE_EXIT, PROBE_SUBCOMMAND } from './probe-connect.ts';

// Benchmarking ranges, never routed on the internet: RFC 2544 (198.18.0.0/15) and RFC 5180.
const PROBE_V4 = { first: 0xc6120000, count: 131_070 };
const PROBE_V6 = '2001:2::1' as Ip;
/** Addresses of the range that are tried, as far apart as can be: programs that make up addresses take a /16 of it. */
const ADDRESS_TRIES = 16;
const PORTS = { first: 1_024, last: { stateful: 65_535, stateless: 49_151 } };
/** Probes that are still recognised when they arrive after their deadline. */
const RECENT_MAX = 16;
// Starting a process, and ending it, on a busy machine.
const PROCESS_TIME_MS = 5_000;

/** Where to knock: one address of each family on a port that the plan intercepts; null for a family that it leaves alone. */
export function probeTargets(
  plan: InterceptPlan,
  lo0: Lo0Form,
  random: () => number,
  interfaces: readonly string[],
): { v4: Endpoint | null; v6: Endpoint | null } {
  const { ports } = plan;
  const port =
    ports === 'all'
      ? PORTS.first + Math.floor(random() * (PORTS.last[lo0] - PORTS.first + 1))
      : (ports[Math.floor(random() * ports.length)] ?? PORTS.first);
  const target = (ip: Ip | null): Endpoint | null =>
    ip === null || plan.skip.some((range) => covers(range, ip)) ? null : { ip, port };
  return { v4: target(freeAddress(random, interfaces)), v6: target(PROBE_V6) };
}

/**
 * An address that nobody has: of the benchmarking range, and on no network of an interface (`interfaces`, CIDR text; proxies such as
 * Clash give themselves 198.18.0.1). Null when there is none.
 */
export function freeAddress(random: () => number, interfaces: readonly string[]): Ip | null {
  const start = Math.floor(random() * PROBE_V4.count);
  for (let i = 0; i < ADDRESS_TRIES; i++) {
    const step = i * Math.floor(PROBE_V4.count / ADDRESS_TRIES);
    const value = PROBE_V4.first + 1 + ((start + step) % PROBE_V4.count);
    const ip = [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.') as Ip;
    if (!interfaces.some((range) => covers(range, ip))) return ip;
  }
  return null;
}

/** The networks of this machine's interfaces, CIDR text. */
export function interfaceRanges(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).flatMap(({ cidr, family }) => (cidr === null || family !== 'IPv4' ? [] : [cidr])),
  );
}

function covers(range: string, ip: Ip): boolean {
  const address = ipaddr.parse(ip);
  const [first, bits] = ipaddr.parseCIDR(canonicalCidr(range));
  return address.kind() === first.kind() && address.match(first, bits);
}

/** Starts processes that open a connection as any program would, and waits for pf to bring them to our own listener. */
export class Probes {
  readonly #waiting = new Map<string, () => void>();
  readonly #recent: string[] = [];

  /** `selfCommand` starts this program (absolute path, then arguments); `run` starts a process. */
  constructor(
    private readonly selfCommand: readonly string[],
    private readonly run: (input: ProgramInput) => Promise<ProgramResult>,
  ) {}

  /** One connection to `dst`. The listener has to call `isProbe` with the destination of what it accepts. */
  async connect(dst: Endpoint, timeoutMs: number): Promise<ProbeResult> {
    const key = keyOf(dst);
    const { promise: seen, resolve } = Promise.withResolvers<'seen'>();
    this.#waiting.set(key, () => resolve('seen'));
    if (this.#recent.push(key) > RECENT_MAX) this.#recent.shift();
    try {
      const outcome = await Promise.race([seen, this.#knock(dst, timeoutMs, seen)]);
      return outcome === 'seen' ? { state: 'enforced' } : outcome;
    } finally {
      this.#waiting.delete(key);
    }
  }

  /** True for a connection that a probe made, also when it comes too late; a probe under way then knows that it arrived. */
  isProbe(dst: Endpoint): boolean {
    const key = keyOf(dst);
    this.#waiting.get(key)?.();
    return this.#recent.includes(key);
  }

  async #knock(dst: Endpoint, timeoutMs: number, seen: Promise<'seen'>): Promise<ProbeResult | 'seen'> {
    const [path = '', ...args] = this.selfCommand;
    const to = dst.ip.includes(':') ? `[${dst.ip}]:${dst.port}` : `${dst.ip}:${dst.port}`;
    let result: ProgramResult;
    try {
      result = await this.run({
        path,
        args: [...args, PROBE_SUBCOMMAND, dst.ip, String(dst.port), String(timeoutMs)],
        timeoutMs: timeoutMs + PROCESS_TIME_MS,
      });
    } catch (error) {
      return { state: 'not_enforced', detail: `cannot start the probe ${path}: ${String(error)}` };
    }
    switch (result.code) {
      case PROBE_EXIT.noRoute:
        return { state: 'no_route', detail: `no route to ${to}` };
      case PROBE_EXIT.connected:
        return await seenWithin(seen, timeoutMs, `a connection to ${to} was answered by somebody else`);
      case PROBE_EXIT.failed:
        return await seenWithin(seen, timeoutMs, `a connection to ${to} was refused and did not reach us`);
      case PROBE_EXIT.timedOut:
        return { state: 'not_enforced', detail: `a connection to ${to} did not reach us in ${timeoutMs} ms` };
      default:
        return { state: 'not_enforced', detail: `the probe did not run: ${programError(result)}` };
    }
  }
}

// The connection is up before our listener hears of it, and it is closed at once when it does.
async function seenWithin(
  seen: Promise<'seen'>,
  timeoutMs: number,
  detail: string,
): Promise<ProbeResult | 'seen'> {
  const { promise: late, resolve } = Promise.withResolvers<ProbeResult>();
  const timer = setTimeout(resolve, timeoutMs, { state: 'not_enforced', detail });
  try {
    return await Promise.race([seen, late]);
  } finally {
    clearTimeout(timer);
  }
}

function keyOf(dst: Endpoint): string {
  return `${dst.ip} ${dst.port}`;
}
