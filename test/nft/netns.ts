// Two network namespaces joined by a cable: a client and "the internet", both named after this process.
import { join } from 'node:path';

const CLIENT4 = '192.0.2.2';
const CLIENT6 = '2001:db8:1::2';
/** Addresses of the internet's end; documentation ranges, which the firewall treats as public. */
export const SERVER4 = ['203.0.113.1', '203.0.113.2'] as const;
export const SERVER6 = ['2001:db8:5::1', '2001:db8:5::2'] as const;

let made = 0;

export interface Netns {
  readonly client: string;
  readonly internet: string;
  /** Runs a program in one of the two and returns what it printed; throws when it fails. */
  run(where: 'client' | 'internet', command: readonly string[], stdin?: string): Promise<string>;
  spawn(where: 'client' | 'internet', command: readonly string[]): Lines;
  remove(): Promise<void>;
}

/** Makes the pair. */
export async function makeNetns(): Promise<Netns> {
  const prefix = `ran-${process.pid}-${++made}`;
  const [client, internet] = [`${prefix}-c`, `${prefix}-i`];
  const spawned: Lines[] = [];
  const prefixOf = (where: string): string[] => [
    'ip',
    'netns',
    'exec',
    where === 'client' ? client : internet,
  ];
  await ip(`netns add ${client}`);
  await ip(`netns add ${internet}`);
  await ip(`link add v0 netns ${client} type veth peer name v0 netns ${internet}`);
  for (const name of [client, internet]) {
    await ip(`-n ${name} link set lo up`);
    await ip(`-n ${name} link set v0 up`);
  }
  await ip(`-n ${client} addr add ${CLIENT4}/24 dev v0`);
  await ip(`-n ${client} addr add ${CLIENT6}/64 dev v0 nodad`);
  await ip(`-n ${internet} addr add 192.0.2.1/24 dev v0`);
  await ip(`-n ${internet} addr add 2001:db8:1::1/64 dev v0 nodad`);
  await ip(`-n ${client} route add default via 192.0.2.1`);
  await ip(`-n ${client} -6 route add default via 2001:db8:1::1`);
  for (const address of SERVER4) await ip(`-n ${internet} addr add ${address}/32 dev lo`);
  for (const address of SERVER6) await ip(`-n ${internet} addr add ${address}/128 dev lo nodad`);
  return {
    client,
    internet,
    run: (where, command, stdin) => output([...prefixOf(where), ...command], stdin),
    spawn: (where, command) => {
      const lines = new Lines([...prefixOf(where), ...command]);
      spawned.push(lines);
      return lines;
    },
    remove: async () => {
      for (const lines of spawned) await lines.kill();
      await ip(`netns del ${client}`);
      await ip(`netns del ${internet}`);
    },
  };
}

/** A program that talks in lines. */
export class Lines {
  readonly child;
  readonly #reader;
  #rest = '';

  constructor(command: readonly string[]) {
    this.child = Bun.spawn([...command], { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' });
    this.#reader = this.child.stdout.getReader();
  }

  async next(): Promise<string> {
    while (!this.#rest.includes('\n')) {
      const { done, value } = await this.#reader.read();
      if (done) throw new Error(`the program ended: ${this.#rest}`);
      this.#rest += new TextDecoder().decode(value);
    }
    const line = this.#rest.slice(0, this.#rest.indexOf('\n'));
    this.#rest = this.#rest.slice(line.length + 1);
    return line;
  }

  /** Says a line and returns the next one that comes back. */
  async ask(line: string): Promise<string> {
    this.child.stdin.write(`${line}\n`);
    await this.child.stdin.flush();
    return this.next();
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.child.exited;
  }
}

/** The path of a program beside this file. */
export function program(name: string): string {
  return join(import.meta.dir, 'programs', name);
}

function ip(args: string): Promise<string> {
  return output(['ip', ...args.split(' ')]);
}

async function output(command: readonly string[], stdin = ''): Promise<string> {
  const child = Bun.spawn([...command], { stdin: new Blob([stdin]), stdout: 'pipe', stderr: 'pipe' });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`${command.join(' ')}: ${err.trim()}`);
  return out;
}
