import { runScreen } from '../../tui/main.tsx';
import { FakeEngine } from './fake-engine.ts';
import { blockedFlow, makeFlow } from './make-flow.ts';

// A process that shows the screen and leaves by the way named in its argument; terminal.test.ts runs it.
const way = process.argv[2] ?? 'keys';
const engine = new FakeEngine([makeFlow(1), blockedFlow(2)]);
const { env, stdin, stdout } = process;

// The tests press this key once the screen is drawn.
stdin.on('data', (keys: string) => {
  if (!keys.toString().includes('!')) return;
  if (way === 'exception') throw new Error('made up for the test');
  if (way === 'rejection') void Promise.reject(new Error('made up for the test'));
  if (way === 'exit') process.exit(3);
  if (way === 'view') engine.emitStatus({ counts: null as never });
});

try {
  stdout.write(`left: ${await runScreen({ client: engine, env, stdin, stdout })}\n`);
} catch (error) {
  stdout.write(`threw: ${error instanceof Error ? error.message : error}\n`);
}
process.exit(0);
