import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

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
let failed = 0;
try {
  for (let run = 1; run <= Number(values.runs); run++) {
    const started = performance.now();
    const child = Bun.spawn([process.execPath, 'test', '--timeout', '60000', ...tests], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const code = await child.exited;
    if (code !== 0) failed++;
    const seconds = ((performance.now() - started) / 1_000).toFixed(0);
    process.stdout.write(
      `run ${run} of ${values.runs}: ${code === 0 ? 'green' : 'FAILED'} in ${seconds} s\n`,
    );
  }
} finally {
  for (const loop of loops) loop.kill();
}
process.exit(failed === 0 ? 0 : 1);
