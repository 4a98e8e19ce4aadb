// An engine that loads the table, arms a watchdog with it and waits to be killed. Prints the handle and the watchdog's pid.
import { join } from 'node:path';
import { NftInterceptor } from '../../../nft/interceptor.ts';
import { WatchdogProcess } from '../../../src/intercept/watchdog-process.ts';
import { openLinuxLibc } from '../../../src/system/libc.ts';

const interceptor = new NftInterceptor(openLinuxLibc(), '_resolagent', 297);
const watchdog = await WatchdogProcess.start(
  [process.execPath, join(import.meta.dir, 'watchdog.ts')],
  () => true,
);
await interceptor.install({ port: 297, gid: 64_321, skip: [], ports: 'all', rejectUdp443: true });
watchdog.arm(interceptor.installedId() ?? '');
process.stdout.write(`${JSON.stringify({ handle: interceptor.installedId(), watchdog: watchdog.pid })}\n`);
for await (const _ of Bun.stdin.stream()) process.exit(0);
