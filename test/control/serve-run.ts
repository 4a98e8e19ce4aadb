import { startControlServer } from '../../src/control/server.ts';
import { handlers } from './harness-handlers.ts';

// Run by server.test.ts: an engine with a child process that outlives it, which the test kills. Prints the child's pid.

await startControlServer({ socketPath: process.argv[2] ?? '', handlers: handlers() });
const child = Bun.spawn(['/bin/sleep', '60'], { stdio: ['ignore', 'ignore', 'ignore'] });
process.stdout.write(`${child.pid}\n`);
