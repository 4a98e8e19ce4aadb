// An engine that loads the table, arms a guard with it and waits to be killed. Prints the handle and the guard's pid.
import { join } from 'node:path';
import { NftInterceptor } from '../../../nft/interceptor.ts';
import { GuardProcess } from '../../../src/intercept/guard-process.ts';
import { openLinuxLibc } from '../../../src/intercept/libc.ts';

const interceptor = new NftInterceptor(openLinuxLibc(), '_resolagent');
const guard = await GuardProcess.start([process.execPath, join(import.meta.dir, 'guard.ts')]);
await interceptor.install({ port: 17_443, gid: 64_321, skip: [], ports: 'all', rejectUdp443: true });
guard.arm(interceptor.installedId() ?? '');
process.stdout.write(`${JSON.stringify({ handle: interceptor.installedId(), guard: guard.pid })}\n`);
for await (const _ of Bun.stdin.stream()) process.exit(0);
