import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { ENV } from './run.ts';

const NEEDS = {
  ip: 'iproute2',
  nft: 'nftables',
  curl: 'curl',
  openssl: 'openssl',
  wget: 'wget',
  python3: 'python3',
  ssh: 'openssh-client',
  setpriv: 'util-linux',
  mount: 'mount',
  tmux: 'tmux',
} as const;

const built = resolve(import.meta.dir, '../../../resolagent');

/** The program under test; RESOLAGENT_BINARY names another. */
export const BINARY = whole(process.env.RESOLAGENT_BINARY ?? built);

/** True when a machine that cannot run these tests is an error, as it is in CI. */
export const REQUIRED = process.env.RESOLAGENT_E2E === 'required';

/** What this machine lacks for the end-to-end tests of a program, each with its remedy; empty when it has all. */
export function missing(program = BINARY): string[] {
  if (process.platform !== 'linux') return ['they need network namespaces: run them on Linux'];
  const lacks: string[] = [];
  if (process.geteuid?.() !== 0) lacks.push('not root: run the tests with sudo');
  for (const [tool, packageName] of Object.entries(NEEDS)) {
    if (Bun.which(tool, { PATH: ENV.PATH }) === null)
      lacks.push(`no ${tool}: apt-get install ${packageName}`);
  }
  if (Bun.which('node') === null) lacks.push('no node in PATH');
  if (!isProgram(program)) lacks.push(`no ${program}: npm run build`);
  if (lacks.length === 0 && !canMakeNamespaces())
    lacks.push('no network namespaces with nft: run them in a machine or a privileged container');
  return lacks;
}

function canMakeNamespaces(): boolean {
  const probe = 'ip link set lo up && nft list ruleset';
  const { exitCode } = Bun.spawnSync(['unshare', '--net', '/bin/sh', '-c', probe], {
    env: ENV,
    stdout: 'ignore',
    stderr: 'ignore',
  });
  return exitCode === 0;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function whole(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}
