import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Subprocess } from 'bun';
import { until } from '../../until.ts';
import { NETNS_ETC } from './names.ts';
import { ENV, type Ran, type RunOptions, run } from './run.ts';
import type { World } from './world.ts';

const BOOT_MS = 30_000;
const HALT_MS = 45_000;
/** Of no use in a container, or not wanted in one. */
const MASKED = [
  ...['systemd-sysctl', 'systemd-modules-load', 'systemd-remount-fs', 'systemd-logind', 'console-getty'],
  ...['systemd-update-utmp', 'systemd-timesyncd', 'systemd-udevd', 'systemd-update-utmp-runlevel'],
].map((name) => `${name}.service`);
const MASKED_MOUNTS = [
  'sys-kernel-debug',
  'sys-kernel-tracing',
  'dev-hugepages',
  'dev-mqueue',
  'sys-fs-fuse-connections',
];
/** What a running system writes on its own, and the backups of groupadd(8). */
const NOISE =
  /^\/(var\/(log|cache|tmp|lib\/(systemd|dpkg))|root|home|etc\/(group-|gshadow-|\.pwd\.lock|machine-id|\.updated))(\/|$)/;
const CGROUPS = '/sys/fs/cgroup';

/** What this machine lacks to boot one; empty when it has all. */
export function machineLacks(): string[] {
  return existsSync('/lib/systemd/systemd') ? [] : ['no systemd: apt-get install systemd'];
}

/**
 * A machine of its own in the world's namespace `client`: a real systemd as its first process, and a root that begins as this
 * machine's and forgets all changes in the end. It can be rebooted.
 */
export class Machine {
  #systemd: Subprocess | null = null;
  #first = 0;
  readonly #prepared = new Set<string>();
  static #count = 0;

  private constructor(
    private readonly world: World,
    private readonly folder: string,
    private readonly holder: Subprocess,
    private readonly cgroup: string,
  ) {}

  static async create(world: World): Promise<Machine> {
    const folder = `${world.folder}/machine-${++Machine.#count}`;
    mkdirSync(folder);
    // In the client's namespace so that the world takes it away, whatever becomes of this process.
    const script = `mount --make-rprivate / && mount -t tmpfs -o mode=755 tmpfs ${folder} && cd ${folder} &&
      mkdir upper work root && mount -t overlay -o lowerdir=/,upperdir=upper,workdir=work overlay root &&
      mount -t proc proc root/proc && mount --rbind /dev root/dev && mount -t tmpfs tmpfs root/run &&
      touch ready && exec sleep infinity`;
    const command = [
      'nsenter',
      `--net=/run/netns/${world.names.client}`,
      'unshare',
      '--mount',
      'sh',
      '-c',
      script,
    ];
    const holder = Bun.spawn(command, { env: ENV, stdin: 'ignore', stdout: 'ignore', stderr: 'inherit' });
    const machine = new Machine(world, folder, holder, `rae-${process.pid}-${Machine.#count}`);
    await until('the root stands', BOOT_MS, () => {
      if (holder.exitCode !== null) throw new Error('no root for the machine: overlayfs is needed');
      return existsSync(`${machine.#inside}/ready`);
    });
    await machine.inRoot([
      'sh',
      '-c',
      // With none of what the firewall has left on this machine.
      "sed -i '/^_resolagent:/d' /etc/group /etc/gshadow && rm -rf /var/lib/resolagent /etc/resolagent && " +
        'mkdir -p /mnt && rm -rf /etc/systemd/system/* /etc/init.d/* /etc/rc?.d/* && : > /etc/fstab',
    ]);
    for (const unit of [...MASKED, ...MASKED_MOUNTS.map((name) => `${name}.mount`)])
      await machine.inRoot(['ln', '-sf', '/dev/null', `/etc/systemd/system/${unit}`]);
    for (const name of ['resolv.conf', 'hosts', 'nsswitch.conf'])
      machine.write(`/etc/${name}`, readFileSync(`${NETNS_ETC}/${world.names.client}/${name}`, 'utf8'));
    for (const path of ['/etc/group', '/etc/gshadow', ...machine.files().keys()]) machine.#prepared.add(path);
    return machine;
  }

  /** Starts systemd, and waits until everything it starts at boot is up. */
  async boot(): Promise<void> {
    const script = join(import.meta.dir, 'machine.sh');
    const enter = ['nsenter', `--mount=/proc/${this.holder.pid}/ns/mnt`, `--net=${this.#net}`];
    this.#systemd = Bun.spawn([...enter, 'sh', script, this.folder, this.cgroup], {
      env: ENV,
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'inherit',
    });
    const unshare = this.#systemd;
    await until('systemd has booted', BOOT_MS, async () => {
      if (unshare.exitCode !== null) throw new Error(`systemd ended with ${unshare.exitCode}`);
      const first = systemdOf(unshare.pid);
      if (first === null) return false;
      this.#first = first;
      const { stdout } = await this.run(['systemctl', 'is-system-running']);
      return ['running', 'degraded'].includes(stdout.trim());
    });
  }

  /** Ends it as `reboot` does, and boots it again. */
  async reboot(): Promise<void> {
    await this.halt();
    await this.boot();
  }

  async halt(): Promise<void> {
    const systemd = this.#systemd;
    if (systemd === null) return;
    await this.run(['systemctl', 'reboot']);
    const timer = setTimeout(() => process.kill(this.#first, 'SIGKILL'), HALT_MS);
    await systemd.exited;
    clearTimeout(timer);
    this.#systemd = null;
  }

  /** Runs a program on the booted machine. */
  run(command: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return run(['nsenter', '--all', `--target=${this.#first}`, ...command], { limitMs: 45_000, ...options });
  }

  /** Runs a program that must succeed in the machine's root, booted or not; no systemd is to be seen there. */
  inRoot(command: readonly string[]): Promise<Ran> {
    const root = ['chroot', `${this.folder}/root`];
    return run([
      'nsenter',
      `--mount=/proc/${this.holder.pid}/ns/mnt`,
      `--net=${this.#net}`,
      ...root,
      ...command,
    ]);
  }

  write(path: string, text: string): void {
    writeFileSync(`${this.#inside}/root${path}`, text);
  }

  read(path: string): string {
    return readFileSync(`${this.#inside}/root${path}`, 'utf8');
  }

  /** Copies a program of this machine into the root, as a person would unpack it. */
  copy(program: string, path: string, uid: number): void {
    const to = `${this.#inside}/root${path}`;
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(program, to);
    chmodSync(to, 0o755);
    chownSync(to, uid, uid);
    chownSync(dirname(to), uid, uid);
  }

  /**
   * What is at every path that was prepared or differs from this machine's own, but for what a running system writes by itself. The same
   * at two moments: nothing has changed in between.
   */
  files(): Map<string, string> {
    const files = new Map<string, string>();
    const walk = (at: string): void => {
      for (const name of readdirSync(`${this.#inside}/upper${at}`)) {
        const path = `${at}/${name}`;
        if (NOISE.test(path)) continue;
        const now = described(`${this.#inside}/root${path}`);
        if (this.#prepared.has(path) || now !== described(path)) files.set(path, now);
        if (lstatSync(`${this.#inside}/upper${path}`).isDirectory()) walk(path);
      }
    };
    walk('');
    return new Map([...files].sort());
  }

  async close(): Promise<void> {
    if (this.#systemd !== null) {
      // `unshare` takes it along.
      this.#systemd.kill('SIGKILL');
      await this.#systemd.exited;
    }
    this.holder.kill('SIGKILL');
    await this.holder.exited;
    for (const root of [CGROUPS, `${CGROUPS}/unified`])
      await until('its control groups are gone', HALT_MS, () => isRemoved(`${root}/${this.cgroup}`));
  }

  get #net(): string {
    return `/run/netns/${this.world.names.client}`;
  }

  get #inside(): string {
    return `/proc/${this.holder.pid}/root${this.folder}`;
  }
}

/** The child of a process, once it is systemd. */
function systemdOf(parent: number): number | null {
  try {
    const child = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim();
    return readlinkSync(`/proc/${child}/exe`) === '/usr/lib/systemd/systemd' ? Number(child) : null;
  } catch {
    return null; // None, or one that has just ended.
  }
}

function described(path: string): string {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 'absent';
  const owner = `${(stat.mode & 0o7777).toString(8)} ${stat.uid}:${stat.gid}`;
  if (stat.isSymbolicLink()) return `link ${readlinkSync(path)}`;
  if (!stat.isFile()) return `${stat.isDirectory() ? 'folder' : 'other'} ${owner}`;
  return `file ${owner} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
}

/** The last process leaves its group a moment after it has ended. */
function isRemoved(cgroup: string): boolean {
  if (!existsSync(cgroup)) return true;
  for (const entry of readdirSync(cgroup, { withFileTypes: true }))
    if (entry.isDirectory() && !isRemoved(join(cgroup, entry.name))) return false;
  try {
    rmdirSync(cgroup);
    return true;
  } catch {
    return false;
  }
}
