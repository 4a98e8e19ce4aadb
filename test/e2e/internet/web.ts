import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { pattern } from './pattern.ts';
import { BACKLOG, PORTS } from './protocol.ts';
import { plain, record } from './record.ts';

const LARGEST_BODY_BYTES = 104_857_600;

let body: Uint8Array | null = null;
const texts = new Map<string, string>();

/** Sets what a path answers, in place of what it would. */
export function setText(path: string, text: string): void {
  texts.set(path, text);
}

/** HTTP and HTTPS on every address, with the certificate and key of the folder. */
export async function serveWeb(certificates: string): Promise<void> {
  const keys = {
    key: readFileSync(`${certificates}/server.key`),
    cert: readFileSync(`${certificates}/server.pem`),
  };
  await listen(createHttp(handle), PORTS.http);
  await listen(createHttps(keys, handle), PORTS.https);
}

async function listen(server: Server, port: number): Promise<void> {
  server.on('connection', (socket: Socket) => record(socket, false));
  server.on('tlsClientError', () => {});
  server.listen(port, '::', BACKLOG);
  await once(server, 'listening');
}

/**
 * `/bytes/N` N bytes of the pattern; `/upload` the size and SHA-256 of what was sent; `/kept/N` and `/upload/kept` the same, and the
 * connection stays; `/hold` a first line and then nothing, for ever; anything else where the request arrived and what was asked for.
 */
function handle(request: IncomingMessage, response: ServerResponse): void {
  const url = request.url ?? '/';
  const text = texts.get(url);
  if (text !== undefined) sendText(text, request, response);
  else if (url.startsWith('/bytes/')) sendBytes(Number(url.slice('/bytes/'.length)), 'close', response);
  else if (url.startsWith('/kept/')) sendBytes(Number(url.slice('/kept/'.length)), 'keep-alive', response);
  else if (url.startsWith('/upload')) digestUpload(request, response);
  else if (url.startsWith('/hold')) response.write('held\n');
  else {
    const socket = request.socket as TLSSocket;
    const where = { ip: plain(socket.localAddress), port: socket.localPort, sni: socket.servername || null };
    response.setHeader('connection', 'close');
    response.end(`${JSON.stringify({ ...where, host: request.headers.host ?? null, url })}\n`);
  }
}

/** As a server of lists does: unchanged content is not sent again. */
function sendText(text: string, request: IncomingMessage, response: ServerResponse): void {
  const etag = `"${createHash('sha256').update(text).digest('hex').slice(0, 16)}"`;
  const known = request.headers['if-none-match'] === etag;
  const type = text.startsWith('<') ? 'text/html; charset=utf-8' : 'text/plain';
  response.writeHead(known ? 304 : 200, { etag, 'content-type': type, connection: 'close' });
  response.end(known ? undefined : text);
}

function sendBytes(size: number, connection: string, response: ServerResponse): void {
  if (!Number.isInteger(size) || size < 0 || size > LARGEST_BODY_BYTES) {
    response.writeHead(400).end();
    return;
  }
  if (body === null || body.length < size) body = pattern(size);
  response.writeHead(200, {
    'content-length': size,
    'content-type': 'application/octet-stream',
    connection,
  });
  response.end(body.subarray(0, size));
}

function digestUpload(request: IncomingMessage, response: ServerResponse): void {
  const hash = createHash('sha256');
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    bytes += chunk.length;
  });
  request.on('end', () => {
    response.setHeader('connection', request.url?.endsWith('/kept') === true ? 'keep-alive' : 'close');
    response.end(`${JSON.stringify({ bytes, sha256: hash.digest('hex') })}\n`);
  });
}
