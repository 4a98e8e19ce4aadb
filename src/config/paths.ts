import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the files of one installation lie. */
export interface Paths {
  /** The configuration file; it need not exist. */
  readonly config: string;
  /** True when the person named the file: then it must exist. */
  readonly configGiven: boolean;
  readonly state: string;
  readonly socket: string;
}

/** What the command line may say about places. */
export interface PathOptions {
  readonly config?: string | undefined;
  readonly state?: string | undefined;
  readonly socket?: string | undefined;
}

/** The places in force: as given, else the machine's for root, else the XDG folders. */
export function resolvePaths(
  given: PathOptions,
  env: Record<string, string | undefined>,
  uid: number,
): Paths {
  const home = uid === 0 ? machinePaths(process.platform) : personPaths(env);
  const state = given.state ?? home.state;
  const socket =
    given.socket ?? (given.state === undefined ? home.socket : join(given.state, 'control.sock'));
  return { config: given.config ?? home.config, configGiven: given.config !== undefined, state, socket };
}

function machinePaths(platform: string): { config: string; state: string; socket: string } {
  if (platform === 'darwin') {
    const base = '/Library/Application Support/Resolagent';
    return {
      config: `${base}/config.toml`,
      state: `${base}/state`,
      socket: '/var/run/resolagent/control.sock',
    };
  }
  return {
    config: '/etc/resolagent/config.toml',
    state: '/var/lib/resolagent',
    socket: '/var/run/resolagent/control.sock',
  };
}

function personPaths(env: Record<string, string | undefined>): {
  config: string;
  state: string;
  socket: string;
} {
  const home = env.HOME ?? homedir();
  const state = join(env.XDG_STATE_HOME ?? join(home, '.local/state'), 'resolagent');
  return {
    config: join(env.XDG_CONFIG_HOME ?? join(home, '.config'), 'resolagent/config.toml'),
    state,
    socket: join(
      env.XDG_RUNTIME_DIR ?? state,
      env.XDG_RUNTIME_DIR === undefined ? 'control.sock' : 'resolagent/control.sock',
    ),
  };
}
