import { expect, test } from 'bun:test';
import { BoundSockets } from '../../pf/bound-sockets.ts';
import { at } from '../attribute/darwin/bytes.ts';
import { linuxSocketCalls } from './linux-sockets.ts';

const CHILD = [process.execPath, new URL('bound-child.ts', import.meta.url).pathname];
/** Two ways out: the route takes the first, a tunnel would bind the second. */
const SETUP = `
  for n in 0 1; do ip link add d$n type veth peer name p$n; ip link set d$n up; ip link set p$n up; done
  ip addr add 192.0.2.2/24 dev d0 && ip addr add 198.51.100.2/24 dev d1
  ip route add default dev d0 metric 1 && ip route add default dev d1 metric 2
  ip addr add 2001:db8:1::2/64 dev d0 nodad && ip addr add 2001:db8:2::2/64 dev d1 nodad
  ip -6 route add default dev d0 metric 1 && ip -6 route add default dev d1 metric 2
`;

async function leaves(to: string, ...from: string[]): Promise<string[]> {
  const child = Bun.spawn(['unshare', '-n', 'sh', '-ec', `${SETUP} exec "$@"`, 'sh', ...CHILD, to, ...from], {
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const lines = (await new Response(child.stdout).text()).trim().split('\n');
  expect(await child.exited).toBe(0);
  return lines;
}

test.skipIf(process.getuid?.() !== 0)(
  'keeps to the interface that a program chose, and leaves all others to the route',
  async () => {
    expect(await leaves('203.0.113.1', '192.0.2.2', '198.51.100.2', '203.0.113.99', '2001:db8:2::2')).toEqual(
      ['192.0.2.2 null', '198.51.100.2 198.51.100.2', '203.0.113.99 null', '2001:db8:2::2 null'],
    );
    expect(await leaves('2001:db8:5::1', '2001:db8:1::2', '2001:db8:2::2')).toEqual([
      '2001:db8:1::2 null',
      '2001:db8:2::2 2001:db8:2::2',
    ]);
  },
);

test('an interface that is gone is an error, and no descriptor stays', () => {
  const calls = linuxSocketCalls();
  const open = new Set<number>();
  const counted = {
    ...calls,
    open: (v6: boolean, kind: 'stream' | 'datagram') => {
      const fd = calls.open(v6, kind);
      open.add(fd);
      return fd;
    },
    close: (fd: number) => {
      open.delete(fd);
      calls.close(fd);
    },
  };
  expect(new BoundSockets(counted, () => []).open('gone0', at('127.0.0.1', 1), 0)).toBe('ENXIO');
  expect(open.size).toBe(0);
});
