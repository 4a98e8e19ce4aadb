// Opens many connections to echo services and holds them. Arguments: JSON with ips, port, count, together. Each connection is
// proven by one byte there and back. Prints `held N`; on a line `check` proves each of them again and prints `alive N`; ends
// with its standard input.
import net from 'node:net';
import { createInterface } from 'node:readline';

const { ips, port, count, together } = JSON.parse(process.argv[2]);
const sockets = [];

function once(socket, event) {
  return new Promise((resolve) => socket.once(event, () => resolve(event)));
}

async function prove(socket) {
  if (socket.destroyed) return false;
  const answered = Promise.race([once(socket, 'data'), once(socket, 'close')]);
  // No byte that a request of HTTP could begin with: the firewall would wait for the rest of its first word.
  socket.write('\x01');
  return (await answered) === 'data';
}

async function lane() {
  while (sockets.length < count) {
    const socket = net.connect({ host: ips[sockets.length % ips.length], port });
    socket.on('error', () => {});
    sockets.push(socket);
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
    await prove(socket);
  }
}

async function alive() {
  let answers = 0;
  for (let at = 0; at < sockets.length; at += together) {
    const some = await Promise.all(sockets.slice(at, at + together).map(prove));
    answers += some.filter(Boolean).length;
  }
  return answers;
}

await Promise.all(Array.from({ length: together }, lane));
process.stdout.write(`held ${sockets.filter((socket) => !socket.destroyed).length}\n`);
const lines = createInterface({ input: process.stdin });
lines.on('line', async () => process.stdout.write(`alive ${await alive()}\n`));
lines.on('close', () => process.exit(0));
