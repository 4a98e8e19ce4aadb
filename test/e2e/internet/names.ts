import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type Answer, decode, encode, type Packet, streamDecode, streamEncode } from 'dns-packet';

/** Long: who believes it sends connections to where a name was minutes ago. */
const TTL_SECONDS = 300;
const AUTHORITATIVE = 1 << 10;
const NXDOMAIN = 3;

interface Entry {
  readonly a: readonly string[];
  readonly aaaa: readonly string[];
}

const zone = new Map<string, Entry>();
const asked = new Map<string, number>();

/** Sets the addresses of a name; the next answer holds them. */
export function setName(name: string, entry: Entry): void {
  zone.set(name.toLowerCase(), entry);
}

/** How many questions about a name have come, all types together. */
export function queriesOf(name: string): number {
  return asked.get(name.toLowerCase()) ?? 0;
}

/** Answers over UDP and TCP on each address (RFC 1035). */
export async function serveNames(addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    udp.on('message', (bytes, peer) => {
      const reply = answer(decode(bytes));
      udp.send(encode(reply), peer.port, peer.address);
    });
    udp.bind(53, address);
    await once(udp, 'listening');
    const tcp = createServer(serveStream);
    tcp.listen(53, address);
    await once(tcp, 'listening');
  }
}

/** Messages behind a length of two bytes each (RFC 1035, section 4.2.2); a resolver may send several at once. */
function serveStream(socket: Socket): void {
  let waiting = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => {
    waiting = Buffer.concat([waiting, bytes]);
    while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) {
      const size = 2 + waiting.readUInt16BE(0);
      socket.write(streamEncode(answer(streamDecode(waiting.subarray(0, size)))));
      waiting = waiting.subarray(size);
    }
  });
}

function answer(query: Packet): Packet {
  const questions = query.questions ?? [];
  const answers: Answer[] = [];
  let known = false;
  for (const { name, type } of questions) {
    const key = name.toLowerCase();
    asked.set(key, (asked.get(key) ?? 0) + 1);
    const entry = zone.get(key);
    if (entry === undefined) continue;
    known = true;
    if (type !== 'A' && type !== 'AAAA') continue;
    for (const data of type === 'A' ? entry.a : entry.aaaa)
      answers.push({ name, type, ttl: TTL_SECONDS, data });
  }
  return {
    type: 'response',
    id: query.id ?? 0,
    flags: AUTHORITATIVE | (known ? 0 : NXDOMAIN),
    questions,
    answers,
  };
}
