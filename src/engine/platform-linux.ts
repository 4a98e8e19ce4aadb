import { ensureGroup } from '../../nft/group.ts';
import { NftInterceptor } from '../../nft/interceptor.ts';
import { checkTable, nftVersion, removeTable, removeTableByHandle } from '../../nft/runner.ts';
import { renderTable } from '../../nft/table.ts';
import { LinuxAttributor } from '../attribute/linux.ts';
import type { Config } from '../config/schema.ts';
import { ConnectSocket } from '../intercept/connect-socket.ts';
import { raiseOpenFiles } from '../intercept/descriptors.ts';
import { GuardProcess } from '../intercept/guard-process.ts';
import type { CheckItem, InterceptPlan } from '../intercept/interceptor.ts';
import { openLinuxLibc } from '../intercept/libc.ts';
import { listenSocket, widenBacklog } from '../intercept/listen-socket.ts';
import type { Ip } from '../model/brand.ts';
import { connectByDescriptor } from './connect.ts';
import type { Platform, PlatformTools } from './platform.ts';
import { OWN_RESERVE } from './pressure.ts';

/** Everything Linux brings: nftables, sock_diag, splice. */
export function linuxPlatform(config: Config, selfCommand: readonly string[]): Platform {
  const libc = openLinuxLibc();
  const sockets = new ConnectSocket(libc, Math.random());
  const interceptor = new NftInterceptor(libc, config.intercept.group);
  return {
    interceptor,
    rulesId: () => interceptor.installedId() ?? '',
    openAttributor: () => new LinuxAttributor(libc, config.proxy.port),
    connect: connectByDescriptor(sockets),
    ensureGroup: async (name) => (await ensureGroup(name)).gid,
    listen: (host, port) => listenSocket(libc, host as Ip, port),
    widen: (fd) => widenBacklog(libc, fd),
    startGuard: () => GuardProcess.start([...selfCommand, '__guard']),
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
  async checks(config: Config): Promise<readonly CheckItem[]> {
    return new NftInterceptor(openLinuxLibc(), config.intercept.group).check();
  },
  render: (plan: InterceptPlan) => renderTable(plan),
  async validate(text: string) {
    const version = await nftVersion();
    if (version === null)
      return { by: 'nobody: nft is not installed', errors: ['nft is not installed: apt install nftables'] };
    const error = await checkTable(text);
    return { by: version, errors: error === null ? [] : [error] };
  },
  remove: removeTable,
  removeById: removeTableByHandle,
};
