// The watchdog with a removal that leaves a file: argv is the folder to leave it in.
import { existsSync, writeFileSync } from 'node:fs';
import { runWatchdog, WATCHDOG_READY } from '../../../src/intercept/watchdog.ts';

// A second, of an engine that beats every 20 ms.
const PATIENCE = { lookMs: 100, looks: 10 };

const [, , folder = '', failures = '0'] = process.argv;
let left = Number(failures);

process.exit(
  await runWatchdog(
    {
      input: Bun.stdin.stream(),
      ready: () => void process.stdout.write(WATCHDOG_READY),
      remove: async (id) => {
        if (left-- > 0) throw new Error('busy');
        const file = `${folder}/removed-${id}`;
        if (existsSync(file)) throw new Error('removed twice');
        writeFileSync(file, '');
      },
      report: (text) => writeFileSync(`${folder}/report`, `${text}\n`, { flag: 'a' }),
    },
    PATIENCE,
  ),
);
