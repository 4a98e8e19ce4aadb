import { writeSync } from 'node:fs';
import { VERSION } from './cli/version.ts';

// What is imported here is loaded by every command and by the watchdog.
const argv = process.argv.slice(2);
const [name = ''] = argv;
if (argv.length === 1 && ['version', '--version', '-V'].includes(name)) writeVersion();
else if (name.startsWith('__')) await (await import('./cli/hidden.ts')).runHidden(name, argv.slice(1));
else await (await import('./cli/program.ts')).run(argv);

/** Past `process.stdout`, which takes as long to make as all the rest of this. */
function writeVersion(): void {
  try {
    writeSync(1, `${VERSION}\n`);
  } catch {
    // Whoever asked has gone.
  }
}
