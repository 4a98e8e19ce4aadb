import { expect, test } from 'bun:test';
import { PROBE_EXIT } from '../../pf/probe-connect.ts';

const CHILD = [process.execPath, new URL('probe-child.ts', import.meta.url).pathname];
const isRoot = process.getuid?.() === 0;

async function run(command: readonly string[]): Promise<{ code: number; egid: string }> {
  const child = Bun.spawn([...command], { stdout: 'pipe', stderr: 'ignore' });
  const egid = (await new Response(child.stdout).text()).trim();
  return { code: await child.exited, egid };
}

const child = (ip: string, port: number, timeoutMs = 2_000) => [
  ...CHILD,
  ip,
  String(port),
  String(timeoutMs),
];

/** Runs a command in a network of its own, after `setup` has made it. */
const inNetwork = (setup: string, command: readonly string[]) => [
  'unshare',
  '-n',
  'sh',
  '-c',
  `${setup} exec "$@"`,
  'sh',
  ...command,
];

test.each(['127.0.0.1', '::1'])(
  'connects to %s, writes nothing, and is of another group when root starts it',
  async (ip) => {
    let bytes = 0;
    const server = Bun.listen({
      hostname: ip,
      port: 0,
      socket: {
        data: (_socket, data) => {
          bytes += data.length;
        },
      },
    });
    const result = await run(child(ip, server.port));
    server.stop(true);
    expect(result.code).toBe(PROBE_EXIT.connected);
    expect(bytes).toBe(0);
    if (isRoot) expect(result.egid).toBe('20');
  },
);

test('tells a refused connection', async () => {
  const server = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => {} } });
  const { port } = server;
  server.stop(true);
  expect((await run(child('127.0.0.1', port))).code).toBe(PROBE_EXIT.failed);
});

test.skipIf(!isRoot).each(['198.18.0.1', '2001:2::1'])('tells that there is no route to %s', async (ip) => {
  expect((await run(inNetwork('', child(ip, 443)))).code).toBe(PROBE_EXIT.noRoute);
});

test.skipIf(!isRoot)('gives up in time on an address that does not answer', async () => {
  const setup =
    'ip link add va type veth peer name vb && ip link set vb up && ip addr add 192.0.2.1/24 dev va && ip link set va up && ip route add default dev va;';
  expect((await run(inNetwork(setup, child('198.18.0.1', 443, 50)))).code).toBe(PROBE_EXIT.timedOut);
});

test.each([
  [['localhost', '443', '100']],
  [['198.18.0.1', '0', '100']],
  [['198.18.0.1', '443']],
  [['198.18.0.1', 'x', '100']],
  [[]],
])('refuses the arguments %p', async (args) => {
  expect((await run([...CHILD, ...args])).code).toBe(PROBE_EXIT.usage);
});
