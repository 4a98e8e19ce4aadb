import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, configSchema } from '../../src/config/schema.ts';
import { type ControlServer, startControlServer } from '../../src/control/server.ts';
import { listHandlers } from '../../src/engine/control/list-handlers.ts';
import { ListKeeper } from '../../src/lists/keeper.ts';
import { type LoadedLists, loadLists } from '../../src/lists/loaded-lists.ts';
import { handlers } from '../control/harness-handlers.ts';

/** No shipped source is on, so that nothing beyond loopback is asked. */
export function quietConfig(part: Partial<Config['lists']> = {}): Config['lists'] {
  const off = { malware: false, phishing: false, ads: false, analytics: false };
  return { ...configSchema.parse({}).lists, ...off, update: false, privateSources: true, ...part };
}

/** The lists of an engine behind a real control socket, with files of their own; `changes` counts what open flows were asked. */
export class ListWorld {
  readonly notices: string[] = [];
  changes = 0;

  private constructor(
    readonly folder: string,
    readonly lists: LoadedLists,
    readonly keeper: ListKeeper,
    readonly server: ControlServer,
  ) {}

  static async open(config: Config['lists'] = quietConfig()): Promise<ListWorld> {
    const folder = mkdtempSync(join(tmpdir(), 'resolagent-keeper-'));
    const lists = await loadLists(config, { stateDir: join(folder, 'state'), lastCompiled: true });
    const changed = async (): Promise<number> => {
      world.changes++;
      return 7;
    };
    const notice = (text: string): void => void world.notices.push(text);
    const keeper = new ListKeeper({ lists, config, notice, changed, lookMs: 20 });
    const socketPath = join(folder, 'run', 'control.sock');
    const server = await startControlServer({ socketPath, handlers: handlers(listHandlers(keeper)) });
    const world = new ListWorld(folder, lists, keeper, server);
    return world;
  }

  get state(): string {
    return join(this.folder, 'state');
  }

  get socket(): string {
    return join(this.folder, 'run', 'control.sock');
  }

  async close(): Promise<void> {
    this.keeper.close();
    await this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
