import { BoundSockets, interfaceAddresses } from '../../pf/bound-sockets.ts';
import type { Ip } from '../../src/model/brand.ts';
import { linuxSocketCalls } from './linux-sockets.ts';

// Prints, for each address that a program may have, the one that its upstream connection leaves from.
const calls = linuxSocketCalls();
const sockets = new BoundSockets(calls, interfaceAddresses);
for (const from of process.argv.slice(3)) {
  const fd = sockets.start(process.argv[2] as Ip, 443, from as Ip, 20_000);
  process.stdout.write(`${from} ${typeof fd === 'number' ? calls.localIp(fd) : fd}\n`);
  if (typeof fd === 'number') calls.close(fd);
}
