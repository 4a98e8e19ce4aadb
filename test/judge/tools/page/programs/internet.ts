// A whole internet in one network namespace, in which the tools run as they do in the product: no port, no name and no address is
// theirs to choose. Private addresses answer too, should anybody connect. Prints what the tools told and who was connected to.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type Answer, decode, encode } from 'dns-packet';
import { certificateTool } from '../../../../../src/judge/tools/certificate/tool.ts';
import { fetchTool } from '../../../../../src/judge/tools/page/tool.ts';
import { runTool } from '../../asking-context.ts';
import { head, inquiry } from '../../owner-world.ts';
import { Workshop } from '../../workshop.ts';

const [, , nameServer = '', redirectsText = '[]'] = process.argv;
const redirects = JSON.parse(redirectsText) as string[];
const never = new AbortController().signal;

/** Addresses of names, one list an answer; the last one stays. */
const zone: Record<string, string[][]> = {
  'shop.test': [['203.0.113.10']],
  'mixed.shop.test': [['10.9.9.9', '203.0.113.11', '127.0.0.1']],
  'private.shop.test': [['10.9.9.9']],
  'turns.shop.test': [['203.0.113.12'], ['127.0.0.1']],
  'back.shop.test': [['203.0.113.13'], ['169.254.169.254']],
  'metadata.google.internal': [['169.254.169.254']],
};
const asked: Record<string, number> = {};
/** Addresses of this side of each connection that was accepted, since it was last emptied. */
let accepted: string[] = [];
let location = '';

const names = createSocket('udp4');
names.on('message', (bytes, peer) => {
  const query = decode(bytes);
  const answers: Answer[] = [];
  for (const { name, type } of query.questions ?? []) {
    const lists = zone[name.toLowerCase()];
    if (type !== 'A' || lists === undefined) continue;
    const turn = asked[name] ?? 0;
    asked[name] = turn + 1;
    for (const data of lists[Math.min(turn, lists.length - 1)] ?? [])
      answers.push({ name, type, ttl: 0, data });
  }
  const questions = query.questions ?? [];
  names.send(
    encode({ type: 'response', id: query.id ?? 0, flags: 0x8580, questions, answers }),
    peer.port,
    peer.address,
  );
});
names.bind(53, nameServer);
await once(names, 'listening');

const workshop = new Workshop();
const made = workshop.make({ names: ['DNS:shop.test', 'DNS:*.shop.test'] });

function serve(socket: Socket, isSecure: boolean): void {
  accepted.push((socket.localAddress ?? '').replace('::ffff:', ''));
  socket.on('error', () => socket.destroy());
  socket.once('data', (bytes: Uint8Array) => {
    const request = Buffer.from(bytes).toString('latin1');
    const isFirst = isSecure && request.includes('\r\nhost: shop.test\r\n');
    const again = request.includes('host: back.shop.test');
    const to = isFirst ? location : again ? 'https://back.shop.test/' : '';
    if (to !== '') socket.end(head(302, { location: to, 'content-length': '0' }));
    else socket.end(`${head(200, { 'content-type': 'text/html' })}<title>answered</title>`);
  });
}
const servers: [Server, number][] = [
  [createServer((socket) => serve(socket, false)), 80],
  [createTlsServer({ ...made, ALPNProtocols: ['http/1.1'] }, (socket) => serve(socket, true)), 443],
];
for (const [server, port] of servers) {
  server.on('tlsClientError', () => {});
  server.listen(port, '::');
  await once(server, 'listening');
}

const network = { allowPrivate: false, ca: workshop.ca, blocked: () => null };
const fetcher = fetchTool(network);
const shaker = certificateTool(network);

async function run(label: string, call: () => Promise<unknown>): Promise<void> {
  accepted = [];
  const outcome = await call();
  process.stdout.write(`${JSON.stringify({ label, outcome, accepted })}\n`);
}
const fetchOf = (host: string) => () => runTool(fetcher, { host, scheme: 'https' }, inquiry(), never);
const shakeOf = (host: string) => () => runTool(shaker, { host, port: 443 }, inquiry(), never);

for (const to of redirects) {
  location = to;
  await run(to, fetchOf('shop.test'));
}
location = 'https://private.shop.test/';
await run('redirect to a private name', fetchOf('shop.test'));
location = '';
await run('plain', fetchOf('shop.test'));
for (const name of ['mixed', 'private', 'turns', 'back']) await run(name, fetchOf(`${name}.shop.test`));
for (const name of ['turns.shop.test', 'back.shop.test']) delete asked[name];
await run('certificate turns', shakeOf('turns.shop.test'));
await run('certificate turned', shakeOf('turns.shop.test'));
await run('certificate private', shakeOf('private.shop.test'));
workshop.close();
process.exit(0);
