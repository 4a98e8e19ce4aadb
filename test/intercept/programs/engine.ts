// An engine that only has a watchdog: arms it, starts a child that outlives it, prints the pids and waits to be killed, or to be told to
// stop, or to be stuck, or to say that a thread of it stands still. argv: folder, failing removals, whether rules are there to be removed.
import { join } from 'node:path';
import { WatchdogProcess } from '../../../src/intercept/watchdog-process.ts';

const BEAT_MS = 20;

const [, , folder = '', failures = '0', rules = 'armed'] = process.argv;
let lives = true;
const watchdog = await WatchdogProcess.start(
  [process.execPath, join(import.meta.dir, 'watchdog.ts'), folder, failures],
  () => lives,
  BEAT_MS,
);
watchdog.onDeath(() => process.stdout.write('watchdog died\n'));
if (rules === 'armed') watchdog.arm('6');
if (rules !== 'starting') watchdog.arm(rules === 'armed' ? '7' : null);
const sibling = Bun.spawn(['/bin/sleep', '20'], { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' });
process.stdout.write(`${watchdog.pid} ${sibling.pid}\n`);
for await (const line of Bun.stdin.stream()) {
  const told = new TextDecoder().decode(line);
  if (told.includes('loop')) for (;;);
  if (told.includes('thread')) lives = false;
  if (told.includes('stop')) {
    await watchdog.disarm();
    sibling.kill();
    process.exit(0);
  }
}
