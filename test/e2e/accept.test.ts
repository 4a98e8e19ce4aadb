import { expect } from 'bun:test';
import { until } from '../until.ts';
import { endToEnd } from './world/end-to-end.ts';
import { Firewall } from './world/firewall.ts';

const test = endToEnd('accept', null);

const SAID_MS = 20_000;
const TIMES = 30;
const QUEUE = 8;

/** Connects many times, and resets each connection as soon as it stands. */
const GIVE_UP = `
import socket, struct, sys
for _ in range(int(sys.argv[2])):
    s = socket.create_connection((sys.argv[1], 443), 5)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()
`;

/** Begins many connections, and lets them stand for a moment. */
const CROWD = `
import socket, sys, time
sockets = []
for _ in range(int(sys.argv[2])):
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex((sys.argv[1], 443))
    sockets.append(s)
time.sleep(0.5)
`;

test('connections that are reset before they are accepted are counted, and status tells', async ({
  world,
}) => {
  await using firewall = await Firewall.start(world);
  const host = await world.host('gives-up');
  expect((await firewall.status()).counts).toMatchObject({ goneBeforeAccept: 0, turnedAway: 0 });
  process.kill(firewall.pid, 'SIGSTOP');
  const ran = await world.program(['python3', '-c', GIVE_UP, host.ip4, String(TIMES)]);
  process.kill(firewall.pid, 'SIGCONT');
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  await until(
    'they are counted',
    SAID_MS,
    async () => (await firewall.status()).counts.goneBeforeAccept === TIMES,
  );
  expect(await firewall.flows(`ip:${host.ip4}`)).toEqual([]);
  expect((await firewall.cli(['status'])).stdout).toContain(
    `${TIMES} given up by their programs before they were accepted (in no log)`,
  );
});

test('a queue that is full is counted, and status tells', async ({ world }) => {
  await world.program(['sysctl', '-qw', `net.core.somaxconn=${QUEUE}`]);
  await using firewall = await Firewall.start(world);
  const host = await world.host('too-many-wait');
  process.kill(firewall.pid, 'SIGSTOP');
  const ran = await world.program(['python3', '-c', CROWD, host.ip4, String(TIMES)]);
  process.kill(firewall.pid, 'SIGCONT');
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  const { turnedAway } = (await firewall.status()).counts;
  expect(turnedAway).toBeGreaterThanOrEqual(TIMES - QUEUE - 2);
  expect((await firewall.cli(['status'])).stdout).toContain('times too many waited to be accepted');
  await world.program(['sysctl', '-qw', 'net.core.somaxconn=4096']);
});
