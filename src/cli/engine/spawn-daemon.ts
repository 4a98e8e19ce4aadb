import { closeSync, constants, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from '../../config/paths.ts';
import { CommandError, EXIT } from '../print.ts';
import { connectIfRunning } from './connect.ts';
import { selfCommand } from './self.ts';

/** How long a starting engine may take to answer. */
const START_MS = 15_000;
const POLL_MS = 50;
const ENV = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' };

/** Starts the engine in a session of its own; what it has to say goes to `engine.log` in the state folder. */
export async function spawnDaemon(paths: Paths): Promise<void> {
  mkdirSync(paths.state, { recursive: true, mode: 0o700 });
  const logPath = join(paths.state, 'engine.log');
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
  const log = openSync(logPath, flags, 0o600);
  const config = paths.configGiven ? ['--config', paths.config] : [];
  const child = Bun.spawn(
    selfCommand('daemon', '--quiet', ...config, '--state', paths.state, '--socket', paths.socket),
    {
      stdin: 'ignore',
      stdout: log,
      stderr: log,
      env: ENV,
      cwd: '/',
      detached: true,
    },
  );
  closeSync(log);
  child.unref();
  for (let waitedMs = 0; waitedMs < START_MS && child.exitCode === null; waitedMs += POLL_MS) {
    const client = await connectIfRunning(paths.socket);
    if (client !== null) {
      client.close();
      return;
    }
    await Bun.sleep(POLL_MS);
  }
  const said = readFileSync(logPath, 'utf8').trim().split('\n').slice(-5).join('\n');
  throw new CommandError(EXIT.cannot, said === '' ? `the engine did not start; see ${logPath}` : said);
}
