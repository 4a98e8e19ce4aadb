import { statSync } from 'node:fs';
import { checkMachine } from '../../nft/check.ts';
import { ensureGroup, groupUse, removeGroup } from '../../nft/group.ts';
import { NftInterceptor } from '../../nft/interceptor.ts';
import { checkTable, nftVersion, releaseTable, removeTable, removeTableByHandle } from '../../nft/runner.ts';
import { renderTable } from '../../nft/table.ts';
import { LinuxAttributor } from '../attribute/linux/attributor.ts';
import type { Config } from '../config/schema.ts';
import { WatchdogProcess } from '../intercept/watchdog-process.ts';
import type { Ip } from '../model/brand.ts';
import type { CheckItem } from '../model/check-item.ts';
import type { InterceptPlan } from '../model/intercept-plan.ts';
import { connectByDescriptor } from '../proxy/connect.ts';
import { OWN_RESERVE } from '../proxy/pressure.ts';
import { ConnectSocket } from '../system/connect-socket.ts';
import { raiseOpenFiles } from '../system/descriptors.ts';
import { openLinuxLibc } from '../system/libc.ts';
import { listenSocket, turnedAway, widenBacklog } from '../system/listen-socket.ts';
import type { Platform, PlatformTools } from './platform.ts';

/**
 * A network namespace has one table of ours. Its number may be given again once it is gone, and with it every engine in it. Not in
 * /run/resolagent: systemd deletes that when its service ends, whoever else runs.
 */
function rulesLock(): string {
  return `/run/resolagent-netns-${statSync('/proc/self/ns/net').ino}.lock`;
}

/** Everything Linux brings: nftables, sock_diag, splice. */
export function linuxPlatform(config: Config, selfCommand: readonly string[]): Platform {
  const libc = openLinuxLibc();
  const sockets = new ConnectSocket(libc, Math.random());
  const interceptor = new NftInterceptor(libc, config.intercept.group, config.proxy.port);
  return {
    interceptor,
    rulesLock: rulesLock(),
    rulesId: () => interceptor.installedId() ?? '',
    openAttributor: (proxyPort) => new LinuxAttributor(libc, proxyPort),
    connect: connectByDescriptor(sockets),
    loops: null,
    ensureGroup: async (name) => (await ensureGroup(name)).gid,
    listen: (host, port) => listenSocket(libc, host as Ip, port, true),
    widen: (fd) => widenBacklog(libc, fd),
    turnedAway: (fd) => turnedAway(libc, fd),
    startWatchdog: (lives) => WatchdogProcess.start([...selfCommand, '__watchdog'], lives),
    raiseOpenFiles: (wanted) => {
      const limit = raiseOpenFiles(libc, wanted);
      if (limit !== null) sockets.keepFree(limit - OWN_RESERVE);
      return limit;
    },
    hasSplice: true,
  };
}

/** What commands need of Linux without an engine. */
export const linuxTools: PlatformTools = {
  rulesLock,
  checks: (config: Config, deep: boolean): Promise<readonly CheckItem[]> =>
    checkMachine(config.intercept.group, config.proxy.port, deep),
  render: (plan: InterceptPlan) => renderTable(plan),
  async validate(text: string) {
    const version = await nftVersion();
    if (version === null) return { by: null, errors: ['nft is not installed: apt install nftables'] };
    const error = await checkTable(text);
    return { by: version, errors: error === null ? [] : [error] };
  },
  letPass: releaseTable,
  remove: () => removeTable(openLinuxLibc()),
  removeById: (handle) => removeTableByHandle(openLinuxLibc(), handle),
  makeGroup: ensureGroup,
  groupUse,
  removeGroup,
};
