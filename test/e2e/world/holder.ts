import type { FileSink, Subprocess } from 'bun';
import { ENV } from './run.ts';
import type { World } from './world.ts';

/** A program on the machine that holds connections until it is told to let go; see clients/hold.mjs. */
export class Holder {
  held = 0;

  private constructor(
    private readonly child: Subprocess<'pipe', 'pipe', 'inherit'>,
    private readonly output: AsyncIterator<Uint8Array>,
  ) {}

  static async start(world: World, command: readonly string[]): Promise<Holder> {
    const child = Bun.spawn(['ip', 'netns', 'exec', world.names.client, ...command], {
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'inherit',
      env: ENV,
    });
    const holder = new Holder(child, child.stdout[Symbol.asyncIterator]());
    holder.held = await holder.#count('held');
    return holder;
  }

  /** How many of the connections still answer. */
  alive(): Promise<number> {
    const sink: FileSink = this.child.stdin;
    sink.write('check\n');
    void sink.flush();
    return this.#count('alive');
  }

  async end(): Promise<void> {
    await this.child.stdin.end();
    await this.child.exited;
  }

  async #count(word: string): Promise<number> {
    let said = '';
    while (!said.endsWith('\n')) {
      const { done, value } = await this.output.next();
      if (done === true) throw new Error(`the holder ended; it had said "${said}"`);
      said += new TextDecoder().decode(value);
    }
    const [, count] = new RegExp(`^${word} (\\d+)\n$`).exec(said) ?? [];
    if (count === undefined) throw new Error(`the holder said "${said}"`);
    return Number(count);
  }
}
