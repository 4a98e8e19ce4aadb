import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DEFAULTS } from '../../config/defaults.ts';
import { loadConfig } from '../../config/load.ts';
import type { Paths } from '../../config/paths.ts';
import type { PlatformTools } from '../../platform/platform.ts';
import { installedService } from './installed.ts';
import { stopRunning } from './stop.ts';

/** One thing that this program left on the machine. */
export interface Remnant {
  readonly kind: 'service' | 'program' | 'engine' | 'rules' | 'group' | 'folder' | 'state';
  /** For a person: what, and where. */
  readonly what: string;
  /** Why it stays; null when it goes. */
  readonly whyKept: string | null;
  readonly remove: () => unknown;
}

/** What proves that a folder is one of ours, and not somebody's home that was named by mistake. */
const STATE_FILES = ['ledger.db', 'rules.json', 'engine.log', 'lists'];

/** Everything of ours, in the order in which it can go; `takeState`: the records, too. */
export async function remnants(paths: Paths, takeState: boolean): Promise<Remnant[]> {
  const { platformTools } = await import('../../platform/platforms.ts');
  const tools = await platformTools();
  const found = await ofService(paths.socket);
  found.push({
    kind: 'rules',
    what: 'the rules in the kernel, where any are left',
    whyKept: null,
    remove: () => tools.remove(),
  });
  found.push(...(await ofGroup(tools, paths)));
  const state = existsSync(paths.state) ? readdirSync(paths.state) : null;
  const isOurs = state?.some((name) => STATE_FILES.includes(name)) === true;
  if (state !== null && state.length > 0) {
    const whyKept = takeState
      ? "it does not look like resolagent's"
      : "'uninstall --state' takes it away, too";
    found.push({
      kind: 'state',
      what: `connections, rules and lists in ${paths.state}`,
      whyKept: takeState && isOurs ? null : whyKept,
      remove: () => rmSync(paths.state, { recursive: true }),
    });
  } else found.push(...ofFolder(paths.state, []));
  found.push(...ofFolder(dirname(paths.socket), [paths.socket, `${paths.socket}.lock`]));
  found.push(...ofFolder(join(dirname(paths.config), 'rules.d'), []), ...ofFolder(dirname(paths.config), []));
  return found;
}

async function ofService(socket: string): Promise<Remnant[]> {
  const { lockHolder } = await import('../../control/engine-lock.ts');
  const { socketLock } = await import('../../control/socket-path.ts');
  const { openLibc } = await import('../../system/libc.ts');
  const { PROGRAM_COPY } = await import('../../service/program.ts');
  const service = await installedService();
  const found: Remnant[] = [];
  if (service !== null) {
    const { manager, state } = service;
    if (state.isPackaged) {
      const whyKept = 'a package brought it; remove that';
      found.push({
        kind: 'program',
        what: `${state.file} and its program`,
        whyKept,
        remove: () => undefined,
      });
    }
    found.push({
      kind: 'service',
      what: state.isPackaged ? 'its start at boot, and what runs' : `the service ${state.file}`,
      whyKept: null,
      remove: () => manager.remove(),
    });
    if (state.hasCopy) {
      const remove = () => rmSync(PROGRAM_COPY, { force: true });
      found.push({ kind: 'program', what: `the program ${PROGRAM_COPY}`, whyKept: null, remove });
    }
  }
  const engine = lockHolder(openLibc(), socketLock(socket));
  if (engine !== null && engine.pid !== service?.state.pid) {
    found.push({
      kind: 'engine',
      what: `the engine that runs on ${socket}`,
      whyKept: null,
      remove: () => stopRunning(socket),
    });
  }
  return found;
}

async function ofGroup(tools: PlatformTools, paths: Paths): Promise<Remnant[]> {
  const loaded = loadConfig(paths.config, false);
  const name = loaded.ok ? loaded.value.intercept.group : DEFAULTS.intercept.group;
  const use = await tools.groupUse(name);
  if (use === 'absent') return [];
  const isNamed = name !== DEFAULTS.intercept.group;
  const whyKept = isNamed ? 'the configuration names it, so it may be yours' : 'others are in it';
  return [
    {
      kind: 'group',
      what: `the group ${name}`,
      whyKept: isNamed || use === 'used' ? whyKept : null,
      remove: () => tools.removeGroup(name),
    },
  ];
}

/** A folder that goes when nothing is in it but `files`. */
function ofFolder(path: string, files: readonly string[]): Remnant[] {
  if (!existsSync(path)) return [];
  const remove = () => {
    for (const file of files) rmSync(file, { force: true });
    if (existsSync(path) && readdirSync(path).length === 0) rmdirSync(path);
  };
  const others = readdirSync(path).filter((name) => !files.includes(join(path, name)));
  const whyKept = others.length === 0 ? null : 'it holds files that are yours';
  return [{ kind: 'folder', what: `the folder ${path}`, whyKept, remove }];
}
