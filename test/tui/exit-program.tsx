import { runScreen } from '../../tui/main.tsx';
import { FakeEngine, healthyStatus } from './fake-engine.ts';
import { blockedFlow, makeFlow } from './feed/make-flow.ts';
import { asking, makeQuestion } from './question/make-question.ts';

// A process that shows the screen and leaves by the way named in its argument; terminal.test.ts runs it.
const way = process.argv[2] ?? 'keys';
const notify = way === 'bell' || way === 'desktop' ? way : 'never';
const engine = new FakeEngine([makeFlow(1), blockedFlow(2)], healthyStatus({ notify }));
let ahead = 0;
const { env, stdin, stdout } = process;

// The tests press this key once the screen is drawn.
stdin.on('data', (keys: string) => {
  if (!keys.toString().includes('!')) return;
  if (way === 'exception') throw new Error('made up for the test');
  if (way === 'rejection') void Promise.reject(new Error('made up for the test'));
  if (way === 'exit') process.exit(3);
  if (way === 'view') engine.emitStatus({ counts: null as never });
});

// A minute passes without a key, and then something is asked.
process.on('SIGUSR2', () => {
  ahead = 60_000;
  const apps = [asking({ name: `evil\u001b]0;title\u0007${'日本'.repeat(200)}` })];
  engine.emitQuestions([makeQuestion(1, { apps, host: `${'日本.'.repeat(80)}example` })]);
});

try {
  const clock = () => Date.now() + ahead;
  stdout.write(`left: ${await runScreen({ client: engine, env, stdin, stdout, clock })}\n`);
} catch (error) {
  stdout.write(`threw: ${error instanceof Error ? error.message : error}\n`);
}
process.exit(0);
