import { mkdirSync, rmSync } from 'node:fs';
import { type Certificates, DOMAIN, makeCertificates } from './certificates.ts';
import { Internet } from './internet.ts';
import { nextNames, removeLeftovers, removeWorld, type WorldNames } from './names.ts';
import { buildNetwork } from './network.ts';
import { type Arrived, readArrived } from './packet-counters.ts';
import { type Ran, type RunOptions, run } from './run.ts';

/** A server's name and addresses; every service answers on every address. */
export interface Host {
  readonly name: string;
  readonly ip4: string;
  readonly ip6: string;
}

/** How a program is started on the machine. */
export interface ProgramOptions extends RunOptions {
  /** User and group to run as; default 0. */
  readonly uid?: number;
}

/** The addresses below are for the name server and for us. */
const FIRST_HOST = 60;
const LAST_HOST = 254;

const alive = new Set<WorldNames>();
let hooked = false;

/** Two network namespaces, the machine and the internet, with servers, names, certificates and packet counters. */
export class World {
  #hosts = FIRST_HOST - 1;

  private constructor(
    readonly names: WorldNames,
    readonly certificates: Certificates,
    readonly internet: Internet,
  ) {}

  static async create(): Promise<World> {
    hookExit();
    removeLeftovers();
    const names = nextNames();
    alive.add(names);
    try {
      rmSync(names.folder, { recursive: true, force: true });
      mkdirSync(names.folder, { mode: 0o755 });
      await buildNetwork(names);
      const certificates = await makeCertificates(names.folder);
      return new World(names, certificates, await Internet.start(names.internet, names.folder));
    } catch (error) {
      removeWorld(names);
      alive.delete(names);
      throw error;
    }
  }

  /** A folder that every user can read; it goes with the world. */
  get folder(): string {
    return this.names.folder;
  }

  /** A server nobody else uses, with an IPv4 and an IPv6 address of its own, named `label` under the test domain. */
  async host(label: string): Promise<Host> {
    const number = ++this.#hosts;
    if (number > LAST_HOST) throw new Error('no address is left in 203.0.113.0/24');
    const host = {
      name: `${label}.${DOMAIN}`,
      ip4: `203.0.113.${number}`,
      ip6: `2001:db8:113::${number.toString(16)}`,
    };
    await this.internet.setName(host.name, [host.ip4], [host.ip6]);
    return host;
  }

  /**
   * Runs a program on the machine, behind the firewall if there is one, as a child of a shell that stays: the shell is the
   * program's parent, as it is at a terminal.
   */
  program(command: readonly string[], options: ProgramOptions = {}): Promise<Ran> {
    const { uid = 0, ...rest } = options;
    const as = uid === 0 ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
    const shell = ['/bin/sh', '-c', '"$@"; exit $?', 'rae-shell'];
    return run(['ip', 'netns', 'exec', this.names.client, ...as, ...shell, ...command], rest);
  }

  /** What the other side's kernel saw arrive at an address. */
  arrived(ip: string, port: number | null = null): Promise<Arrived> {
    return readArrived(this.names.internet, ip, port);
  }

  async close(): Promise<void> {
    await this.internet.close();
    removeWorld(this.names);
    alive.delete(this.names);
  }
}

/** What is still there when the process ends, in whatever way it can notice, is taken away. */
function hookExit(): void {
  if (hooked) return;
  hooked = true;
  const removeAll = (): void => {
    for (const names of alive) removeWorld(names);
    alive.clear();
  };
  process.on('exit', removeAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      removeAll();
      process.exit(1);
    });
  }
}
