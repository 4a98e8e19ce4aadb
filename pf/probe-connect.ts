import { connect } from 'node:net';
import { parseIp } from '../src/model/ip.ts';

/** The hidden subcommand that the functional probe starts: `__probe-connect IP PORT TIMEOUT_MS`. */
export const PROBE_SUBCOMMAND = '__probe-connect';

/** Exit codes of the subcommand. */
export const PROBE_EXIT = { connected: 0, usage: 2, noRoute: 10, failed: 11, timedOut: 12 } as const;

/** `staff`, the group of every person's account on macOS: a group that is not ours. */
const STAFF_GID = 20;
const NO_ROUTE = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETDOWN']);

/**
 * Opens one TCP connection the way any other program would, under another group than the engine's, and returns the exit
 * code. It is a process of its own because pf looks at the group a socket was made under. Writes nothing to the connection.
 */
export async function probeConnect(args: readonly string[]): Promise<number> {
  const [address = '', port = '', timeout = ''] = args;
  const ip = parseIp(address);
  const numbers = [Number(port), Number(timeout)];
  if (ip === null || numbers.some((n) => !Number.isInteger(n) || n < 1)) return PROBE_EXIT.usage;
  if (process.getuid?.() === 0) process.setegid?.(STAFF_GID);
  if (!(await hasRoute(ip, Number(port)))) return PROBE_EXIT.noRoute;
  return await tcpConnect(ip, Number(port), Number(timeout));
}

// Bun reports every failed TCP connection as refused; connecting a UDP socket sends nothing and names the reason.
async function hasRoute(ip: string, port: number): Promise<boolean> {
  try {
    const hostname = ip.includes(':') ? '::' : '0.0.0.0';
    const socket = await Bun.udpSocket({ hostname, connect: { hostname: ip, port } });
    socket.close();
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return !NO_ROUTE.has(code);
  }
}

function tcpConnect(host: string, port: number, timeoutMs: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const socket = connect({ host, port });
  const timer = setTimeout(resolve, timeoutMs, PROBE_EXIT.timedOut);
  socket.once('connect', () => resolve(PROBE_EXIT.connected));
  socket.once('error', () => resolve(PROBE_EXIT.failed));
  return promise.finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}
