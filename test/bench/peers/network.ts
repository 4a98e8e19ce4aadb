import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { ENV, must } from './run.ts';

/** Documentation addresses (RFC 5737): the firewall takes them for public ones. */
const NEAR_IP = '198.51.100.2';
const FAR_IP = '198.51.100.1';
/** The server of all measurements. */
export const SERVER_IP = '203.0.113.10';
/** The firewall redirects this port of the server, and no other. */
export const REDIRECTED_PORT = 443;
/** The same server for those who dial it themselves: the peers, and the client that goes direct. */
export const PLAIN_PORT = 8_443;

/** Two network namespaces joined by a cable: programs and proxies in `near`, the server in `far`. */
export interface Network {
  readonly near: string;
  readonly far: string;
  close(): void;
}

/**
 * Builds them. The cable matters: what goes over loopback is none of the firewall's business. Connection tracking is on in
 * `near` for everybody once the firewall's rules are there.
 */
export async function buildNetwork(serverName: string): Promise<Network> {
  const near = `rbp-near-${process.pid}`;
  const far = `rbp-far-${process.pid}`;
  const etc = `/etc/netns/${near}`;
  const close = (): void => {
    for (const name of [near, far])
      Bun.spawnSync(['ip', 'netns', 'del', name], { env: ENV, stderr: 'ignore' });
    rmSync(etc, { recursive: true, force: true });
  };
  try {
    mkdirSync(etc, { recursive: true });
    writeFileSync(`${etc}/hosts`, `127.0.0.1 localhost\n${SERVER_IP} ${serverName}\n`);
    writeFileSync(`${etc}/resolv.conf`, 'nameserver 127.0.0.1\n');
    for (const name of [near, far]) await must(['ip', 'netns', 'add', name]);
    await must(['ip', '-batch', '-'], `link add up0 netns ${near} type veth peer name down0 netns ${far}\n`);
    await configure(near, [
      'link set lo up',
      'link set up0 up',
      `addr add ${NEAR_IP}/30 dev up0`,
      `route add default via ${FAR_IP}`,
    ]);
    await configure(far, [
      'link set lo up',
      'link set down0 up',
      `addr add ${FAR_IP}/30 dev down0`,
      `addr add ${SERVER_IP}/32 dev lo`,
    ]);
    // Tens of thousands of connections a minute between two addresses: ports must come back quickly. Below 30000 are those that
    // the firewall takes for its own connections; elsewhere, too, programs get higher ones.
    await must(
      inNear(near, ['sysctl', '-qw', 'net.ipv4.ip_local_port_range=30000 65535', 'net.ipv4.tcp_tw_reuse=1']),
    );
  } catch (error) {
    close();
    throw error;
  }
  return { near, far, close };
}

/** Makes connection tracking forget closed connections at once; its table is one for the whole machine. */
export async function forgetClosedConnections({ near }: Network): Promise<void> {
  if (!existsSync('/proc/sys/net/netfilter')) return; // without the firewall nothing is tracked
  await must(inNear(near, ['sysctl', '-qw', 'net.netfilter.nf_conntrack_tcp_timeout_time_wait=1']));
}

function inNear(near: string, command: readonly string[]): readonly string[] {
  return ['ip', 'netns', 'exec', near, ...command];
}

async function configure(namespace: string, commands: readonly string[]): Promise<void> {
  for (const command of commands) await must(['ip', '-n', namespace, ...command.split(' ')]);
}
