// A proxy that tells each client which process the attribution found. Runs behind the redirect to its port.
import type { Socket } from 'bun';
import { OriginalDstReader } from '../../../../nft/original-dst.ts';
import { LinuxAttributor } from '../../../../src/attribute/linux/attributor.ts';
import type { Ip } from '../../../../src/model/brand.ts';
import { parseIp } from '../../../../src/model/ip.ts';
import { openLinuxLibc } from '../../../../src/system/libc.ts';
import { listenSocket } from '../../../../src/system/listen-socket.ts';

const PORT = 17_443;
const libc = openLinuxLibc();
const attributor = new LinuxAttributor(libc, () => PORT);
const destinations = new OriginalDstReader(libc);

async function open(socket: Socket): Promise<void> {
  const peer = { ip: parseIp(socket.remoteAddress) ?? ('0.0.0.0' as Ip), port: socket.remotePort };
  const local = { ip: parseIp(socket.localAddress) ?? ('0.0.0.0' as Ip), port: socket.localPort };
  const found = destinations.read({ fd: (socket as unknown as { fd: number }).fd, peer, local });
  if (found.kind !== 'redirected') return void socket.end(`${JSON.stringify(found)}\n`);
  const origin = await attributor.lookup(peer, found.dst, performance.now() + 5_000);
  socket.end(`${JSON.stringify({ pid: origin.pid, unknown: origin.unknown, port: peer.port })}\n`);
}

for (const ip of ['127.0.0.1', '::1']) {
  const listening = listenSocket(libc, ip as Ip, PORT, true);
  if (!listening.ok) throw new Error(listening.errno);
  Bun.listen({ fd: listening.fd, socket: { open, data: () => {} } } as never);
}
process.stdout.write('ready\n');
