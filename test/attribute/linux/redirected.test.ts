import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { renderTable } from '../../../nft/table.ts';
import { makeNetns, type Netns, SERVER4, SERVER6 } from '../../nft/netns.ts';

const programs = join(import.meta.dir, 'programs');

describe.if(process.platform === 'linux' && process.geteuid?.() === 0)(
  'attribution behind the redirect',
  () => {
    let net: Netns;

    beforeAll(async () => {
      net = await makeNetns();
      const proxy = net.spawn('client', [process.execPath, join(programs, 'redirected.ts')]);
      expect(await proxy.next()).toBe('ready');
      const plan = { port: 17_443, gid: 64_321, skip: [], ports: 'all', rejectUdp443: true } as const;
      await net.run('client', ['nft', '-f', '-'], renderTable(plan));
    });
    afterAll(() => net.remove());

    for (const [name, destinations] of [
      ['IPv4', SERVER4],
      ['IPv6', SERVER6],
    ] as const) {
      test(`tells the program though the kernel had to change its source port: ${name}`, async () => {
        const args = [join(programs, 'same-port.py'), '50001', ...destinations];
        const lines = (await net.run('client', ['python3', ...args])).trim().split('\n');
        const pid = Number(lines[0]);
        const [first, second] = lines.slice(1).map((line) => JSON.parse(line));
        expect(first).toEqual({ pid, unknown: null, port: 50_001 });
        expect(second).toMatchObject({ pid, unknown: null });
        expect(second.port).not.toBe(50_001);
      });
    }
  },
);
