// An engine that only has a watchdog: arms it, starts a child that outlives it, prints the pids and waits to be killed.
import { join } from 'node:path';
import { WatchdogProcess } from '../../../src/intercept/watchdog-process.ts';

const [, , folder = '', failures = '0'] = process.argv;
const watchdog = await WatchdogProcess.start([
  process.execPath,
  join(import.meta.dir, 'watchdog.ts'),
  folder,
  failures,
]);
watchdog.onDeath(() => process.stdout.write('watchdog died\n'));
watchdog.arm('6');
watchdog.arm('7');
const sibling = Bun.spawn(['/bin/sleep', '20'], { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' });
process.stdout.write(`${watchdog.pid} ${sibling.pid}\n`);
for await (const line of Bun.stdin.stream()) {
  if (new TextDecoder().decode(line).includes('stop')) {
    await watchdog.disarm();
    sibling.kill();
    process.exit(0);
  }
}
