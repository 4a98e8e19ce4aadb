import type { World } from '../test/e2e/world/world.ts';

/** Names of all kinds that the firewall tells apart; in the small internet all of them are servers of ours. */
const NAMES = [
  'www.debian.org',
  'cdn.jsdelivr.net',
  'api.github.com',
  'stats.g.doubleclick.net',
  'www.google-analytics.com',
  'www.lake-house.example',
  'shop.river-bank.example',
  'qx7zk2vw9tbn4rfh.example',
  'paypal-login-secure.example',
] as const;
/** What the scripted model says of them by domain; it allows the others. What it is unsure of, the person is asked. */
export const VERDICTS = {
  'river-bank.example': 'unsure',
  'paypal-login-secure.example': 'block',
} as const;
const PAUSE_MS = 400;
const TIMEOUT_SECONDS = '25';
const AT_ONCE_MAX = 8;

/** Programs on the machine that fetch one name after the other, until it is closed. */
export class Traffic {
  #isOver = false;
  readonly #running = new Set<Promise<unknown>>();
  readonly #done: Promise<void>;

  private constructor(private readonly world: World) {
    this.#done = this.#run();
  }

  static async start(world: World): Promise<Traffic> {
    for (const [i, name] of NAMES.entries()) {
      const { ip4, ip6 } = await world.host(`dev-${i}`);
      await world.internet.setName(name, [ip4], [ip6]);
    }
    return new Traffic(world);
  }

  async #run(): Promise<void> {
    for (let turn = 0; !this.#isOver; turn++) {
      const url = `${turn % 3 === 0 ? 'http' : 'https'}://${NAMES[turn % NAMES.length]}/bytes/${1_000 * (turn % 40)}`;
      const fetching = this.world.program(['curl', '-sk', '-m', TIMEOUT_SECONDS, '-o', '/dev/null', url]);
      this.#running.add(fetching);
      void fetching.finally(() => this.#running.delete(fetching));
      if (this.#running.size >= AT_ONCE_MAX) await Promise.race(this.#running);
      await Bun.sleep(PAUSE_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }
}
