import type { Paths } from '../../config/paths.ts';
import { configOf } from '../config-of.ts';
import { EXIT, print } from '../print.ts';
import { connectIfRunning, connectOrExplain } from './connect.ts';
import { requireMachine } from './require-machine.ts';

/** Attaches the screen to the engine, which is started first, to outlive this process, when none runs. Returns the exit code. */
export async function attachScreen(paths: Paths): Promise<number> {
  const running = await connectIfRunning(paths.socket);
  if (running === null) {
    await requireMachine(configOf(paths));
    const { spawnDaemon } = await import('./spawn-daemon.ts');
    await spawnDaemon(paths);
  }
  const client = running ?? (await connectOrExplain(paths.socket));
  const { runScreen } = await import('../../../tui/main.tsx');
  const outcome = await runScreen({ client, env: process.env, stdin: process.stdin, stdout: process.stdout });
  switch (outcome) {
    case 'stop':
      await client.request('shutdown', {});
      print('the firewall is stopped; the network works without it');
      return EXIT.done;
    case 'detach':
      client.close();
      print("the firewall goes on without the screen; 'resolagent' shows it again");
      return EXIT.done;
    case 'engine_gone':
      print("the engine is gone; 'resolagent status' and 'resolagent reset' tell and mend");
      return EXIT.cannot;
  }
}
