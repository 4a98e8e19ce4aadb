import { mkdirSync, writeFileSync } from 'node:fs';
import { NETNS_ETC, type WorldNames } from './names.ts';
import { countersScript } from './packet-counters.ts';
import { must } from './run.ts';

/** Documentation ranges (RFC 5737, RFC 3849): they count as public, and nobody owns them. */
export const INTERNET = {
  link4: '198.51.100.1',
  client4: '198.51.100.2',
  link6: '2001:db8::1',
  client6: '2001:db8::2',
  /** Every address of these answers. */
  range4: '203.0.113.0/24',
  range6: '2001:db8:113::/48',
  dns4: '203.0.113.53',
  dns6: '2001:db8:113::53',
} as const;

/** The two namespaces, joined by one cable: `client` is the machine, `internet` everything else. Nothing leads out of them. */
export async function buildNetwork({ client, internet }: WorldNames): Promise<void> {
  const etc = `${NETNS_ETC}/${client}`;
  mkdirSync(etc, { recursive: true });
  writeFileSync(`${etc}/resolv.conf`, `nameserver ${INTERNET.dns4}\noptions timeout:2 attempts:2\n`);
  writeFileSync(`${etc}/hosts`, '127.0.0.1 localhost\n::1 localhost\n');
  writeFileSync(`${etc}/nsswitch.conf`, 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n');
  await must(['ip', 'netns', 'add', client]);
  await must(['ip', 'netns', 'add', internet]);
  await must(['ip', '-batch', '-'], {
    stdin: `link add up0 netns ${client} type veth peer name down0 netns ${internet}\n`,
  });
  await batch(client, [
    'link set lo up',
    'link set up0 up',
    `addr add ${INTERNET.client4}/30 dev up0`,
    `addr add ${INTERNET.client6}/64 dev up0 nodad`,
    `route add default via ${INTERNET.link4}`,
    `-6 route add default via ${INTERNET.link6}`,
  ]);
  await batch(internet, [
    'link set lo up',
    'link set down0 up',
    `addr add ${INTERNET.link4}/30 dev down0`,
    `addr add ${INTERNET.link6}/64 dev down0 nodad`,
    `route add local ${INTERNET.range4} dev lo`,
    `-6 route add local ${INTERNET.range6} dev lo`,
    // A socket can be bound to any address of an IPv4 local route, but in IPv6 only to one that an interface has.
    `addr add ${INTERNET.dns6}/128 dev lo nodad`,
  ]);
  await must(['ip', 'netns', 'exec', internet, 'nft', '-f', '-'], { stdin: countersScript() });
}

async function batch(namespace: string, commands: readonly string[]): Promise<void> {
  for (const command of commands) await must(['ip', '-n', namespace, ...command.split(' ')]);
}
