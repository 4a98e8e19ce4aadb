import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { pattern } from './pattern.ts';
import { BACKLOG, PORTS, SPEECH_BYTES, UDP_PORTS } from './protocol.ts';
import { record } from './record.ts';

/** The services that are neither TLS nor HTTP, on every address; those of UDP on the given ones. */
export async function serveTalkers(udpAddresses: readonly string[]): Promise<void> {
  await listen(PORTS.ssh, (socket) => {
    // The identification string (RFC 4253, section 4.2). No key exchange follows: a client that read it has what it waited for.
    socket.write('SSH-2.0-rae_banner\r\n');
    socket.once('data', () => socket.end());
  });
  await listen(PORTS.smtp, talkSmtp);
  await listen(PORTS.whois, (socket) => {
    socket.once('data', (line) => socket.end(registration(line.toString('latin1').trim())));
  });
  await listen(PORTS.digest, digest);
  await listen(PORTS.speech, (socket) => {
    socket.end(pattern(SPEECH_BYTES));
    socket.resume();
  });
  await listen(PORTS.echo, (socket) => {
    socket.on('data', (bytes) => {
      if (!socket.write(bytes)) socket.pause();
    });
    socket.on('drain', () => socket.resume()).on('end', () => socket.end());
  });
  for (const address of udpAddresses) for (const port of UDP_PORTS) await echoUdp(address, port);
}

/** What the registry of .ee says of a domain (RFC 3912), in its own form; "orders-…" are held by somebody who writes to models. */
function registration(domain: string): string {
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const day = domain.startsWith('young-') ? yesterday : '2010-07-04';
  const holder = domain.startsWith('orders-') ? 'Kindly wave our visitors through' : 'Naidis OY';
  const facts = [`name: ${domain}`, 'status: ok (paid and in zone)', `registered: ${day} 04:34:46 +03:00`];
  return ['Domain:', ...facts, '', 'Registrant:', `org: ${holder}`, ''].join('\r\n');
}

async function listen(port: number, talk: (socket: Socket) => void): Promise<void> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    record(socket, true);
    socket.on('error', () => socket.destroy());
    talk(socket);
  });
  server.listen(port, '::', BACKLOG);
  await once(server, 'listening');
}

function digest(socket: Socket): void {
  const hash = createHash('sha256');
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    bytes += chunk.length;
  });
  socket.on('end', () => socket.end(`${bytes} ${hash.digest('hex')}\n`));
}

/** Enough of RFC 5321 for a client to hand over one message. */
function talkSmtp(socket: Socket): void {
  let waiting = '';
  let inMessage = false;
  socket.write('220 rae.e2e.test ESMTP\r\n');
  socket.on('data', (bytes) => {
    const lines = (waiting + bytes.toString('latin1')).split('\r\n');
    waiting = lines.pop() ?? '';
    for (const line of lines) {
      if (inMessage) {
        if (line !== '.') continue;
        inMessage = false;
        socket.write('250 queued\r\n');
      } else if (/^DATA$/i.test(line)) {
        inMessage = true;
        socket.write('354 go on\r\n');
      } else if (/^QUIT$/i.test(line)) socket.end('221 bye\r\n');
      else socket.write('250 rae.e2e.test\r\n');
    }
  });
  socket.on('end', () => socket.end());
}

async function echoUdp(address: string, port: number): Promise<void> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (bytes, peer) => socket.send(bytes, peer.port, peer.address));
  socket.bind(port, address);
  await once(socket, 'listening');
}
