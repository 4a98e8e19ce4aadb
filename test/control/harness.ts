import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ControlClient, connectControl } from '../../src/control/client.ts';
import { type ControlHandlers, type ControlServer, startControlServer } from '../../src/control/server.ts';
import type { FlowRecord } from '../../src/model/flow.ts';
import { handlers } from './harness-handlers.ts';

const folders: string[] = [];
const servers: ControlServer[] = [];
const clients: ControlClient[] = [];

/** Closes and deletes what the test made. For `afterEach` in each file: a hook set here would count for one file only. */
export async function cleanUp(): Promise<void> {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(servers.splice(0).map((server) => server.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** A path for a socket in a folder that does not exist yet; deleted after the test. */
export function socketPath(): string {
  const folder = mkdtempSync('/tmp/resolagent-control-');
  folders.push(folder);
  return join(folder, 'run', 'control.sock');
}

/** A server that is closed after the test. */
export async function serve(path: string, over: Partial<ControlHandlers> = {}): Promise<ControlServer> {
  const server = await startControlServer({ socketPath: path, handlers: handlers(over) });
  servers.push(server);
  return server;
}

/** A client that is closed after the test. */
export async function connect(path: string): Promise<ControlClient> {
  const client = await connectControl(path);
  clients.push(client);
  return client;
}

/** A bare connection: what it was sent, line by line, and whether it is over. */
export class RawClient {
  readonly lines: string[] = [];
  isOver = false;
  #text = '';
  #end: () => void = () => undefined;
  #write: (bytes: string | Uint8Array) => number = () => 0;
  #pending: Uint8Array = new Uint8Array();
  #pause: () => void = () => undefined;
  #resume: () => void = () => undefined;

  static async open(path: string): Promise<RawClient> {
    const raw = new RawClient();
    const socket = await Bun.connect({
      unix: path,
      socket: {
        data: (_socket, bytes) => raw.#take(bytes.toString('utf8')),
        drain: () => raw.#flush(),
        close: () => {
          raw.isOver = true;
        },
      },
    });
    raw.#write = (bytes) => socket.write(bytes);
    raw.#end = () => void socket.end();
    raw.#pause = () => void socket.pause();
    raw.#resume = () => void socket.resume();
    return raw;
  }

  send(data: string | Uint8Array): void {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    this.#flush();
  }

  pause(): void {
    this.#pause();
  }

  resume(): void {
    this.#resume();
  }

  end(): void {
    this.#end();
  }

  /** What was sent, each line parsed. */
  replies(): ReturnType<typeof JSON.parse>[] {
    return this.lines.map((line) => JSON.parse(line));
  }

  #flush(): void {
    const taken = Math.max(0, this.#write(this.#pending));
    this.#pending = this.#pending.subarray(taken);
  }

  #take(text: string): void {
    const parts = (this.#text + text).split('\n');
    this.#text = parts.pop() ?? '';
    this.lines.push(...parts);
  }
}

/** Ids of the flows in an event or an answer. */
export const idsOf = (flows: readonly { readonly id: number }[] | readonly FlowRecord[]): number[] =>
  flows.map(({ id }) => Number(id));
