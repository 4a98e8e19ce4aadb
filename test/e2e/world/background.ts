import type { Subprocess } from 'bun';
import { ENV } from './run.ts';
import type { World } from './world.ts';

/** A program on the machine that says `ready`, goes on until its standard input ends, and then prints one JSON object. */
export class Background {
  private constructor(
    private readonly child: Subprocess<'pipe', 'pipe', 'inherit'>,
    private readonly output: AsyncIterator<Uint8Array>,
  ) {}

  /** `uid` is user and group; default 0. With `ownUsers` it runs in a user namespace of its own, as root of that. */
  static async start(
    world: World,
    command: readonly string[],
    { uid = 0, ownUsers = false }: { readonly uid?: number; readonly ownUsers?: boolean } = {},
  ): Promise<Background> {
    const as = uid === 0 ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
    const within = ownUsers ? ['unshare', '--user', '--map-root-user'] : [];
    const child = Bun.spawn(['ip', 'netns', 'exec', world.names.client, ...as, ...within, ...command], {
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'inherit',
      env: ENV,
    });
    const background = new Background(child, child.stdout[Symbol.asyncIterator]());
    const first = await background.#text((said) => said.endsWith('\n'));
    if (first !== 'ready\n') throw new Error(`${command.join(' ')} said ${JSON.stringify(first)}`);
    return background;
  }

  /** Ends its input, and gives what it then prints. */
  async end(): Promise<unknown> {
    await this.child.stdin.end();
    return JSON.parse(await this.#text(() => false));
  }

  async #text(isAll: (said: string) => boolean): Promise<string> {
    const decoder = new TextDecoder();
    let said = '';
    while (!isAll(said)) {
      const { done, value } = await this.output.next();
      if (done === true) break;
      said += decoder.decode(value, { stream: true });
    }
    return said;
  }
}
