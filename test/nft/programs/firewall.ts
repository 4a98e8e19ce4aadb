// A proxy that only tells each client where it was going. argv: gid and a JSON plan. Commands on stdin, answers on stdout.
import type { Socket } from 'bun';
import { NftInterceptor } from '../../../nft/interceptor.ts';
import type { Ip } from '../../../src/model/brand.ts';
import { parseIp } from '../../../src/model/ip.ts';
import { Enforcement } from '../../../src/platform/enforcement.ts';
import { openLinuxLibc } from '../../../src/system/libc.ts';
import { listenSocket } from '../../../src/system/listen-socket.ts';

const [, , gid = '0', planText = '{}'] = process.argv;
process.setegid?.(Number(gid));
const libc = openLinuxLibc();
const interceptor = new NftInterceptor(libc, '_resolagent', 297);
const plan = {
  port: 297,
  gid: Number(gid),
  skip: [],
  ports: 'all',
  rejectUdp443: true,
  ...JSON.parse(planText),
};
const say = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
const fds = (): number =>
  Array.from(new Bun.Glob('*').scanSync({ cwd: '/proc/self/fd', onlyFiles: false })).length;

function open(socket: Socket): void {
  // The client is gone already.
  if (socket.remoteAddress === undefined) return;
  const local = { ip: ipOf(socket.localAddress), port: socket.localPort };
  const peer = { ip: ipOf(socket.remoteAddress), port: socket.remotePort };
  const found = interceptor.originalDst({ fd: (socket as unknown as { fd: number }).fd, local, peer });
  if (found.kind === 'redirected' && interceptor.isProbe(found.dst)) socket.end();
  else socket.end(`${JSON.stringify(found)}\n`);
}

function ipOf(text: string): Ip {
  const ip = parseIp(text);
  if (ip === null) throw new Error(`not an address: ${text}`);
  return ip;
}

const platform = {
  interceptor,
  rulesId: () => interceptor.installedId() ?? '',
  startWatchdog: async () => ({ onDeath: () => {}, arm: () => {}, disarm: async () => {} }),
};
const notices: string[] = [];
const enforcement = new Enforcement(
  platform,
  plan,
  false,
  (text) => void notices.push(text),
  () => {},
  // What is mended here is mended because the kernel told of it.
  { probeMs: 3_600_000, secondLookMs: 3_600_000, watchdogRestartMs: 50, releasedMs: 50 },
);

for (const ip of ['127.0.0.1', ...(plan.ipv6Listener === false ? [] : ['::1'])]) {
  const listening = listenSocket(libc, ip as Ip, plan.port, true);
  if (!listening.ok) throw new Error(listening.errno);
  Bun.listen({ fd: listening.fd, socket: { open, data: () => {} } } as never);
}
await interceptor.install(plan);
say({ id: interceptor.installedId() });

const decoder = new TextDecoder();
for await (const chunk of Bun.stdin.stream()) {
  for (const command of decoder.decode(chunk).trim().split('\n')) {
    if (command.startsWith('probe ')) say(await interceptor.probe(Number(command.slice(6))));
    else if (command === 'install')
      say(await interceptor.install(plan).then(() => interceptor.installedId()));
    else if (command === 'remove') say(await interceptor.remove().then(() => interceptor.installedId()));
    else if (command === 'installed') say(await interceptor.installed());
    else if (command === 'check') say(await interceptor.check());
    else if (command === 'fds') say(fds());
    else if (command === 'keep') say(await enforcement.start().then(() => enforcement.report.state));
    else if (command === 'kept') {
      const { interference, report } = enforcement;
      say({ interference, state: report.state, id: interceptor.installedId(), notices });
    } else if (command === 'replan')
      say(await enforcement.replan({ ...plan, skip: ['192.0.2.77'] }).then(() => interceptor.installedId()));
    else if (command === 'leave') say(await enforcement.stop().then(() => enforcement.report.state));
    else say(null);
  }
}
