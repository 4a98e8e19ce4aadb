// The watchdog with nft behind it, as `resolagent __watchdog` runs it.
import { removeTableByHandle } from '../../../nft/runner.ts';
import { runWatchdog, WATCHDOG_READY } from '../../../src/intercept/watchdog.ts';

process.exit(
  await runWatchdog({
    input: Bun.stdin.stream(),
    ready: () => void process.stdout.write(WATCHDOG_READY),
    remove: removeTableByHandle,
    report: (text) => void process.stderr.write(`${text}\n`),
  }),
);
