import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import type { Status } from '../../../src/schema/status.ts';

/** The control socket, spoken by hand: one JSON object a line there and back, so that the documented wire is what is tested. */
export class ControlLine {
  readonly #lines: AsyncIterator<string>;
  #lastId = 0;

  private constructor(
    private readonly socket: Socket,
    reader: Interface,
  ) {
    this.#lines = reader[Symbol.asyncIterator]();
  }

  static async open(path: string): Promise<ControlLine> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).on('error', reject);
    });
    return new ControlLine(socket, createInterface({ input: socket }));
  }

  /** Sends a request and gives the answer with its id. */
  async ask(request: object): Promise<unknown> {
    const id = ++this.#lastId;
    return this.say(JSON.stringify({ id, ...request }));
  }

  /** Sends any line and gives the next one that comes; null when the engine ended the connection. */
  async say(line: string): Promise<unknown> {
    this.socket.write(`${line}\n`);
    const next = await this.#lines.next();
    return next.done === true ? null : JSON.parse(next.value);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    return Promise.resolve();
  }
}

/** What the engine on this socket says of itself, unchecked, since it may be another version; null while none listens there. */
export async function askStatus(path: string): Promise<Status | null> {
  if (!existsSync(path)) return null;
  try {
    await using line = await ControlLine.open(path);
    const answer = (await line.ask({ method: 'status' })) as { readonly result?: Status } | null;
    return answer?.result ?? null;
  } catch {
    return null; // It ended, or has not begun to listen.
  }
}
