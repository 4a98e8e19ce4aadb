import { probeConnect } from '../../pf/probe-connect.ts';

// What main.ts does for the hidden subcommand, and the group the probe ran under.
const code = await probeConnect(process.argv.slice(2));
process.stdout.write(`${process.getegid?.()}\n`);
process.exit(code);
