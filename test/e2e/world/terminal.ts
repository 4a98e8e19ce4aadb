import { until } from '../../until.ts';
import { BINARY } from './requirement.ts';
import { must } from './run.ts';
import type { World } from './world.ts';

const SHOWN_MS = 20_000;

/** A real terminal, by tmux, in which the binary runs on the machine. */
export class Terminal {
  private constructor(private readonly world: World) {}

  /** Opens a terminal that runs the binary with these arguments, and after it shows `ended with CODE`. */
  static async open(world: World, args: readonly string[], columns: number, rows: number): Promise<Terminal> {
    const terminal = new Terminal(world);
    const quoted = ['ip', 'netns', 'exec', world.names.client, BINARY, ...args]
      .map((word) => `'${word}'`)
      .join(' ');
    const size = ['-x', String(columns), '-y', String(rows)];
    await terminal.#tmux('new-session', '-d', ...size, `${quoted}; echo "ended with $?"; read line`);
    return terminal;
  }

  /** What stands on the terminal now. */
  text(): Promise<string> {
    return this.#tmux('capture-pane', '-p');
  }

  /** Waits until the terminal shows a text, and gives all that it shows. */
  shows(expected: string | RegExp): Promise<string> {
    return this.#until(`the terminal shows ${expected}`, (text) =>
      typeof expected === 'string' ? text.includes(expected) : expected.test(text),
    );
  }

  /** Waits until the terminal no longer shows a text, and gives all that it shows. */
  hides(expected: string): Promise<string> {
    return this.#until(`the terminal hides ${expected}`, (text) => !text.includes(expected));
  }

  async #until(what: string, holds: (text: string) => boolean): Promise<string> {
    let last = '';
    return until(what, SHOWN_MS, async () => {
      last = await this.text();
      return holds(last) && last;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}; it shows:\n${last}`);
    });
  }

  /** Presses keys, by the names of tmux. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux('kill-server').catch(() => {});
  }

  #tmux(...args: readonly string[]): Promise<string> {
    return must(['tmux', '-L', this.world.names.tmux, '-f', '/dev/null', ...args]);
  }
}
