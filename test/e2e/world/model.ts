import { existsSync, readFileSync } from 'node:fs';
import type { FileSink, Subprocess } from 'bun';
import type { Script } from '../../judge/scripted-model/script.ts';
import type { RecordedRequest } from '../../judge/scripted-model/scripted-model.ts';
import type { Firewall } from './firewall.ts';
import { INTERNET } from './network.ts';
import { ENV } from './run.ts';
import type { Host, World } from './world.ts';

const PORT = 1234;

/** Asks the scripted model about every name that nothing else decides; more lines of TOML may follow. */
export const JUDGED = '[trust]\nenabled = false\n[lists]\nupdate = false\n[judge]\nmodel = "scripted"\n';

/** The scripted model as a program on the machine, where the engine looks for one by default; see test/judge/scripted-model. */
export class Model {
  readonly #lines: AsyncIterator<Uint8Array>;
  static #count = 0;

  private constructor(
    private readonly child: Subprocess<'pipe', 'pipe', 'inherit'>,
    private readonly log: string,
  ) {
    this.#lines = child.stdout[Symbol.asyncIterator]();
  }

  static async start(world: World, script: Partial<Script> = {}): Promise<Model> {
    const log = `${world.folder}/model-${++Model.#count}.jsonl`;
    const main = `${import.meta.dir}/../../judge/scripted-model/main.ts`;
    const command = [process.execPath, main, '--port', String(PORT), '--log', log];
    const child = Bun.spawn(['ip', 'netns', 'exec', world.names.client, ...command], {
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'inherit',
      env: ENV,
    });
    const model = new Model(child, log);
    const { done } = await model.#lines.next();
    if (done === true) throw new Error('the scripted model did not start');
    await model.play(script);
    return model;
  }

  /** Changes the script, for requests from now on. */
  async play(change: Partial<Script>): Promise<void> {
    const sink: FileSink = this.child.stdin;
    sink.write(`${JSON.stringify(change)}\n`);
    void sink.flush();
    await this.#lines.next();
  }

  /** All requests that came, in their order. */
  requests(): RecordedRequest[] {
    if (!existsSync(this.log)) return [];
    const lines = readFileSync(this.log, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as RecordedRequest);
  }

  /** How many inquiries into a domain it was asked to begin. */
  begun(domain: string): number {
    return this.requests().filter((request) => request.domain === domain && request.round === 0).length;
  }

  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.child.kill(signal);
    await this.child.exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }
}

/** A server whose name no list or rule knows: `www.LABEL.ZONE`. */
export interface Stranger extends Host {
  readonly domain: string;
}

/** Where the registry of .ee is asked. */
const REGISTRY = 'whois.tld.ee';

/**
 * Of .ee the registry knows the age: so old that the judge may allow it, unless it is called `young-…`. In `edu` only vetted bodies
 * have names, so that it may be allowed with no registry asked; of `example` nobody knows anything.
 */
export async function stranger(
  world: World,
  label: string,
  zone: 'ee' | 'edu' | 'example' = 'ee',
): Promise<Stranger> {
  const { ip4, ip6 } = await world.host(label);
  await world.internet.setName(REGISTRY, [INTERNET.dns4], [INTERNET.dns6]);
  const domain = `${label}.${zone}`;
  const name = `www.${domain}`;
  await world.internet.setName(name, [ip4], [ip6]);
  return { name, domain, ip4, ip6 };
}

/** How curl fared: exit code and status; the certificate's name is not looked at, since that is not what is tested. */
export interface Fetched {
  readonly code: number | null;
  /** Null when nothing was answered. */
  readonly status: number | null;
  readonly body: string;
  readonly tookMs: number;
}

/** Fetches a URL on the machine, like a person with curl. */
export async function fetchPage(world: World, url: string): Promise<Fetched> {
  const ran = await world.program(['curl', '-sk', '-w', '\n%{http_code}', url], { limitMs: 40_000 });
  const end = ran.stdout.lastIndexOf('\n');
  const status = Number(ran.stdout.slice(end + 1));
  return {
    code: ran.code,
    status: status === 0 ? null : status,
    body: ran.stdout.slice(0, end),
    tookMs: ran.tookMs,
  };
}

/** What a command prints with `--json`, an object a line. */
export async function printed(firewall: Firewall, ...args: readonly string[]): Promise<unknown[]> {
  const ran = await firewall.cli([...args, '--json']);
  if (ran.code !== 0) throw new Error(`${args.join(' ')}: exit code ${ran.code}: ${ran.stderr}`);
  return ran.stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
}
