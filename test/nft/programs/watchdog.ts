// The watchdog with nft behind it, as `resolagent __watchdog` runs it.
import { removeTableByHandle } from '../../../nft/runner.ts';
import { runWatchdog, WATCHDOG_READY } from '../../../src/intercept/watchdog.ts';
import { openLinuxLibc } from '../../../src/system/libc.ts';

process.exit(
  await runWatchdog({
    input: Bun.stdin.stream(),
    ready: () => void process.stdout.write(WATCHDOG_READY),
    remove: (handle) => removeTableByHandle(openLinuxLibc(), handle),
    report: (text) => void process.stderr.write(`${text}\n`),
  }),
);
