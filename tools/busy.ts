import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Subprocess } from 'bun';

// npm run test:e2e:busy -- [--runs N] [ARGUMENTS OF bun test]
// The end-to-end tests, five times in a row, beside a busy loop on every core; exit code 1 when one run fails. A test that passes
// here waits for what it needs to see, and not for a while.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '5' } },
});
const tests = positionals.length > 0 ? positionals : ['test/e2e/'];
const loops = Array.from({ length: availableParallelism() }, () =>
  Bun.spawn(['/bin/sh', '-c', 'while :; do :; done'], { stdio: ['ignore', 'ignore', 'ignore'] }),
);
const started: Subprocess[] = [...loops];
process.on('exit', () => {
  for (const child of started) child.kill();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
let failed = 0;
for (let run = 1; run <= Number(values.runs); run++) {
  const began = performance.now();
  const child = Bun.spawn([process.execPath, 'test', '--timeout', '60000', ...tests], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  started.push(child);
  const code = await child.exited;
  if (code !== 0) failed++;
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  process.stdout.write(`run ${run} of ${values.runs}: ${code === 0 ? 'green' : 'FAILED'} in ${seconds} s\n`);
}
process.exit(failed === 0 ? 0 : 1);
