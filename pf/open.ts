import type { Attributor } from '../src/attribute/attributor.ts';
import { DarwinAttributor } from '../src/attribute/darwin/attributor.ts';
import { PcbTable } from '../src/attribute/darwin/pcb-table.ts';
import { DarwinUsers } from '../src/attribute/darwin/users.ts';
import { WatchdogProcess } from '../src/intercept/watchdog-process.ts';
import type { Ip } from '../src/model/brand.ts';
import { raiseOpenFiles } from '../src/system/descriptors.ts';
import { openLibc } from '../src/system/libc.ts';
import { runProgram } from '../src/system/run-program.ts';
import { BoundSockets, interfaceAddresses } from './bound-sockets.ts';
import { openDarwinNative } from './ffi.ts';
import { ensureGroup } from './group.ts';
import { PfInterceptor } from './interceptor.ts';
import type { ListenReply } from './native.ts';
import { interfaceRanges } from './probe.ts';
import { UpstreamPorts } from './upstream-ports.ts';
import { userName } from './user-name.ts';

/** What the engine knows and macOS does not. */
export interface DarwinOptions {
  /** Starts this program: absolute path, then arguments; `__probe-connect` is added. */
  readonly selfCommand: readonly string[];
  /** Starts the watchdog: this program with `__watchdog`. */
  readonly watchdogCommand: readonly string[];
  /** Shared with the watchdog and with `reset`, which know nothing else of this engine: `TOKEN_FILE`. */
  readonly tokenFile: string;
  /** The name of the engine's own group. */
  readonly group: string;
  readonly warn: (text: string) => void;
}

/** Where the proxy can listen; the link-local one is the second choice for IPv6. */
export type ListenHost = '127.0.0.1' | '::1' | 'fe80::1%lo0';

/** What macOS brings to the engine. Throws on another system, and with the name of a call that this macOS lacks. */
export function openDarwin(options: DarwinOptions) {
  const native = openDarwinNative();
  const now = (): number => performance.now();
  const pcbs = new PcbTable(() => native.tcpSockets(), now);
  const interceptor = new PfInterceptor({
    ...options,
    run: runProgram,
    pcbs,
    natlook: native.natlook,
    random: Math.random,
    now,
    interfaces: interfaceRanges,
  });
  return {
    interceptor,
    sourcePorts: new UpstreamPorts(Math.random()),
    bound: native.boundSockets === null ? null : new BoundSockets(native.boundSockets, interfaceAddresses),
    hasSplice: false,
    rulesId: (): string => {
      const id = interceptor.installedId();
      if (id === null) throw new Error('the rules are not installed');
      return id;
    },
    openAttributor: (): Attributor =>
      new DarwinAttributor(native, pcbs, new DarwinUsers((uid) => userName(runProgram, uid)), now),
    ensureGroup: async (name: string): Promise<number> => (await ensureGroup(runProgram, name)).gid,
    listen: (host: ListenHost, port: number): ListenReply => {
      const [ip = host, scope] = host.split('%');
      const reply = native.listen({ ip: ip as Ip, port }, scope !== undefined);
      if (scope !== undefined && reply.ok) interceptor.linkLocalListens();
      return reply;
    },
    startWatchdog: (lives: () => boolean) => WatchdogProcess.start(options.watchdogCommand, lives),
    raiseOpenFiles: (wanted: number): number | null => raiseOpenFiles(openLibc(), wanted),
  };
}
