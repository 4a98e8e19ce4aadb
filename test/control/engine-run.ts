import { startControlServer } from '../../src/control/server.ts';
import { handlers } from './harness-handlers.ts';

// Run by stop-engine.test.ts: an engine that stops when it is asked to.

const server = await startControlServer({
  socketPath: process.argv[2] ?? '',
  handlers: handlers({
    shutdown: () => {
      setTimeout(() => void server.close().then(() => process.exit(0)), 0);
      return { stopping: true };
    },
  }),
});
process.stdout.write('ready\n');
