import { X509Certificate } from 'node:crypto';
import { chmodSync, createReadStream, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { plainFingerprint } from '../world/certificates.ts';
import type { Ran } from '../world/run.ts';
import type { World } from '../world/world.ts';

/** The programs that people really use to fetch things. */
export const CLIENTS = ['curl', 'openssl', 'node', 'python3', 'wget'] as const;
export type Client = (typeof CLIENTS)[number];

/** One request of one client. */
export interface Fetch {
  readonly url: string;
  readonly family: 4 | 6;
  /** A file to send; absent: a GET. */
  readonly upload?: string;
  readonly uid?: number;
}

/** What the client got. */
export interface Fetched {
  readonly ran: Ran;
  /** SHA-256 of the certificate that the client saw; null for plain HTTP, and for wget, which pins the key instead. */
  readonly fingerprint: string | null;
  readonly bytes: number;
  readonly sha256: string;
  /** The beginning of the body. */
  readonly text: string;
}

const LIMIT_MS = 60_000;
const TEXT_MAX_BYTES = 1_000;
const PROGRAMS = import.meta.dir;

let bodies = 0;

/** Runs one client; throws with its own words when it fails. */
export async function fetchWith(client: Client, world: World, request: Fetch): Promise<Fetched> {
  const drop = `${world.folder}/drop`;
  mkdirSync(drop, { recursive: true });
  chmodSync(drop, 0o1777);
  const out = `${drop}/body-${++bodies}`;
  const ran = await world.program(commandOf(client, world, request, out), {
    limitMs: LIMIT_MS,
    ...(request.uid === undefined ? {} : { uid: request.uid }),
  });
  if (ran.code !== 0)
    throw new Error(`${client} ${request.url}: exit code ${ran.code}: ${ran.stderr.trim()}`);
  const fingerprint = await fingerprintOf(client, world, request, ran);
  const body = await digestBody(out, client === 'openssl');
  rmSync(out);
  return { ran, fingerprint, ...body };
}

function commandOf(client: Client, world: World, request: Fetch, out: string): string[] {
  const { url, family, upload } = request;
  const { ca, pin } = world.certificates;
  const script = JSON.stringify({ url, family, ca, out, upload: upload ?? null });
  switch (client) {
    case 'curl': {
      const body = upload === undefined ? [] : ['--data-binary', `@${upload}`, '-H', 'Expect:'];
      return ['curl', '-sS', `-${family}`, '--cacert', ca, '-o', out, '-w', '%{certs}', ...body, url];
    }
    case 'wget': {
      const body = upload === undefined ? [] : [`--post-file=${upload}`];
      const trust = [`--ca-certificate=${ca}`, `--pinnedpubkey=${pin}`];
      return ['wget', '-nv', '--tries=1', `-${family}`, ...trust, ...body, '-O', out, url];
    }
    case 'openssl':
      return ['/bin/sh', '-c', opensslScript(world, request, out), 'rae-openssl'];
    case 'node':
      return [Bun.which('node') ?? 'node', `${PROGRAMS}/fetch.mjs`, script];
    case 'python3':
      return ['python3', `${PROGRAMS}/fetch.py`, script];
    default:
      return client satisfies never;
  }
}

/** A request written by hand, down a connection of `openssl s_client`; the answer with its head goes to `out`. */
function opensslScript(world: World, { url, family, upload }: Fetch, out: string): string {
  const { hostname, pathname } = new URL(url);
  const size = upload === undefined ? '' : `Content-Length: ${Bun.file(upload).size}\\r\\n`;
  const method = upload === undefined ? 'GET' : 'POST';
  const head = `printf '${method} ${pathname} HTTP/1.0\\r\\nHost: ${hostname}\\r\\n${size}\\r\\n'`;
  const send = upload === undefined ? head : `{ ${head}; cat ${upload}; }`;
  return `${send} | ${sClient(world, hostname)} -${family} -quiet > ${out}`;
}

function sClient(world: World, hostname: string): string {
  const trust = `-CAfile ${world.certificates.ca} -verify_return_error -verify_hostname ${hostname}`;
  return `openssl s_client -connect ${hostname}:443 -servername ${hostname} ${trust}`;
}

async function fingerprintOf(
  client: Client,
  world: World,
  { url, family }: Fetch,
  ran: Ran,
): Promise<string | null> {
  if (!url.startsWith('https:')) return null;
  switch (client) {
    case 'curl':
      return fingerprintOfPem(ran.stdout);
    case 'openssl': {
      const command = `${sClient(world, new URL(url).hostname)} -${family} < /dev/null`;
      return fingerprintOfPem((await world.program(['/bin/sh', '-c', command])).stdout);
    }
    case 'node':
    case 'python3': {
      const { fingerprint } = JSON.parse(ran.stdout) as { fingerprint: string };
      return plainFingerprint(fingerprint);
    }
    case 'wget':
      return null;
    default:
      return client satisfies never;
  }
}

function fingerprintOfPem(text: string): string {
  const [pem = ''] = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/.exec(text) ?? [];
  return plainFingerprint(new X509Certificate(pem).fingerprint256);
}

/** Size and SHA-256 of a body in a file, behind the head of the answer where there is one. */
async function digestBody(
  path: string,
  withHead: boolean,
): Promise<{ bytes: number; sha256: string; text: string }> {
  const skip = withHead ? headLength(path) : 0;
  const hash = new Bun.CryptoHasher('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { start: skip })) {
    hash.update(chunk as Uint8Array);
    bytes += (chunk as Uint8Array).length;
  }
  const text = await Bun.file(path)
    .slice(skip, skip + TEXT_MAX_BYTES)
    .text();
  return { bytes, sha256: hash.digest('hex'), text };
}

function headLength(path: string): number {
  const end = readFileSync(path).subarray(0, 4_096).indexOf('\r\n\r\n');
  if (end === -1) throw new Error('the answer has no head');
  return end + 4;
}
