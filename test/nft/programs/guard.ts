// The watchdog with nft behind it, as `resolagent __guard` runs it.
import { removeTableByHandle } from '../../../nft/runner.ts';
import { GUARD_READY, runGuard } from '../../../src/intercept/guard.ts';

process.exit(
  await runGuard({
    input: Bun.stdin.stream(),
    ready: () => void process.stdout.write(GUARD_READY),
    remove: removeTableByHandle,
    report: (text) => void process.stderr.write(`${text}\n`),
  }),
);
