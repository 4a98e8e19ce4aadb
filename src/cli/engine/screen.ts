import type { Paths } from '../../config/paths.ts';
import { EXIT, print } from '../print.ts';
import { connectIfRunning, connectOrExplain } from './connect.ts';

/** Attaches the screen to the engine, which is started first when none runs. Returns the exit code. */
export async function attachScreen(paths: Paths, startEngine: () => Promise<void>): Promise<number> {
  const running = await connectIfRunning(paths.socket);
  if (running === null) await startEngine();
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
