import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { ENV, must } from './run.ts';

/** The server of all measurements. */
export const SERVER_IP = '203.0.113.10';
/** The firewall redirects this port of the server, and no other. */
export const REDIRECTED_PORT = 443;
/** The same server for those who dial it themselves: the peers, and the client that goes direct. */
export const PLAIN_PORT = 8_443;

/** Network namespaces joined by cables: programs and proxies in the near ones, the server in `far`. */
export interface Network {
  /** One a firewall, since each redirects everything in its own; the peers share the first. */
  readonly near: readonly string[];
  readonly far: string;
  close(): void;
}

/**
 * Builds them. The cables matter: what goes over loopback is none of the firewall's business. Connection tracking is on in a near
 * namespace for everybody once a firewall's rules are there.
 */
export async function buildNetwork(serverName: string, firewalls: number): Promise<Network> {
  const near = Array.from({ length: Math.max(1, firewalls) }, (_, i) => `rbp-near${i}-${process.pid}`);
  const far = `rbp-far-${process.pid}`;
  const close = (): void => {
    for (const name of [...near, far]) {
      Bun.spawnSync(['ip', 'netns', 'del', name], { env: ENV, stderr: 'ignore' });
      rmSync(`/etc/netns/${name}`, { recursive: true, force: true });
    }
  };
  try {
    for (const name of [...near, far]) await must(['ip', 'netns', 'add', name]);
    await configure(far, ['link set lo up', `addr add ${SERVER_IP}/32 dev lo`]);
    for (const [i, name] of near.entries()) await connect(name, far, i, serverName);
  } catch (error) {
    close();
    throw error;
  }
  return { near, far, close };
}

/** The cable and the names of one near namespace, with documentation addresses (RFC 5737): the firewall takes them for public ones. */
async function connect(near: string, far: string, index: number, serverName: string): Promise<void> {
  const [farIp, nearIp] = [`198.51.100.${4 * index + 1}`, `198.51.100.${4 * index + 2}`];
  mkdirSync(`/etc/netns/${near}`, { recursive: true });
  writeFileSync(`/etc/netns/${near}/hosts`, `127.0.0.1 localhost\n${SERVER_IP} ${serverName}\n`);
  writeFileSync(`/etc/netns/${near}/resolv.conf`, 'nameserver 127.0.0.1\n');
  await must(
    ['ip', '-batch', '-'],
    `link add up0 netns ${near} type veth peer name down${index} netns ${far}\n`,
  );
  await configure(near, [
    'link set lo up',
    'link set up0 up',
    `addr add ${nearIp}/30 dev up0`,
    `route add default via ${farIp}`,
  ]);
  await configure(far, [`link set down${index} up`, `addr add ${farIp}/30 dev down${index}`]);
  // Tens of thousands of connections a minute between two addresses: ports must come back quickly. Below 30000 are those that
  // the firewall takes for its own connections; elsewhere, too, programs get higher ones.
  await sysctl(near, ['net.ipv4.ip_local_port_range=30000 65535', 'net.ipv4.tcp_tw_reuse=1']);
}

/** Makes connection tracking forget closed connections at once; its table is one for the whole machine. */
export async function forgetClosedConnections({ near }: Network): Promise<void> {
  if (!existsSync('/proc/sys/net/netfilter')) return; // without a firewall nothing is tracked
  for (const name of near) await sysctl(name, ['net.netfilter.nf_conntrack_tcp_timeout_time_wait=1']);
}

async function sysctl(namespace: string, settings: readonly string[]): Promise<void> {
  await must(['ip', 'netns', 'exec', namespace, 'sysctl', '-qw', ...settings]);
}

async function configure(namespace: string, commands: readonly string[]): Promise<void> {
  for (const command of commands) await must(['ip', '-n', namespace, ...command.split(' ')]);
}
