import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { notifyReady } from '../../src/system/notify.ts';
import { until } from '../until.ts';

/** A service manager: prints the first datagram that comes. */
const MANAGER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1].replace('@', chr(0)))
print('bound', flush=True)
print(s.recv(100).decode(), flush=True)
`;

const folder = mkdtempSync('/tmp/notify-');
for (const address of [`${folder}/notify`, `@resolagent-test-${process.pid}`]) {
  test.if(process.platform === 'linux')(
    `tells a service manager on ${address[0]} that it is ready`,
    async () => {
      const manager = Bun.spawn(['/usr/bin/python3', '-c', MANAGER, address], { stdout: 'pipe' });
      let heard = '';
      const reading = (async () => {
        for await (const bytes of manager.stdout) heard += new TextDecoder().decode(bytes);
      })();
      await until('the manager listens', 10_000, () => heard === 'bound\n');
      expect(notifyReady(address)).toBe(true);
      await reading;
      expect(heard).toBe('bound\nREADY=1\n');
      rmSync(folder, { recursive: true, force: true });
    },
  );
}

test.if(process.platform === 'linux')('says when nobody listens, or the address is too long', () => {
  expect(notifyReady('/nonexistent/notify')).toBe(false);
  expect(notifyReady(`/${'n'.repeat(200)}`)).toBe(false);
});
