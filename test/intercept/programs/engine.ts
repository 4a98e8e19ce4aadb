// An engine that only has a guard: arms it, starts a child that outlives it, prints the pids and waits to be killed.
import { join } from 'node:path';
import { GuardProcess } from '../../../src/intercept/guard-process.ts';

const [, , folder = '', failures = '0'] = process.argv;
const guard = await GuardProcess.start([
  process.execPath,
  join(import.meta.dir, 'guard.ts'),
  folder,
  failures,
]);
guard.onDeath(() => process.stdout.write('guard died\n'));
guard.arm('6');
guard.arm('7');
const sibling = Bun.spawn(['/bin/sleep', '20'], { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' });
process.stdout.write(`${guard.pid} ${sibling.pid}\n`);
for await (const line of Bun.stdin.stream()) {
  if (new TextDecoder().decode(line).includes('stop')) {
    await guard.disarm();
    sibling.kill();
    process.exit(0);
  }
}
