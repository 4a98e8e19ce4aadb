import { existsSync, writeFileSync } from 'node:fs';
import { within } from '../../until.ts';
import { PLAIN_PORT, SERVER_IP } from './network.ts';
import { SERVER_NAME } from './programs.ts';
import { must, Running } from './run.ts';
import type { PeerName, Subject, World } from './subject.ts';

const START_LIMIT_MS = 5_000;
const LOCAL = '127.0.0.1';
const NAME_PATTERN = SERVER_NAME.replace('.', '\\.');

const PORTS: Record<PeerName, number> = {
  haproxy: 9_001,
  'haproxy-splice': 9_002,
  nginx: 9_003,
  sniproxy: 9_004,
  'c-splice': 9_005,
};

/** What each peer must find installed, and the Debian package that brings it. */
const NEEDS: Record<PeerName, Readonly<Record<string, string>>> = {
  haproxy: { '/usr/sbin/haproxy': 'haproxy' },
  'haproxy-splice': { '/usr/sbin/haproxy': 'haproxy' },
  nginx: {
    '/usr/sbin/nginx': 'nginx',
    '/usr/lib/nginx/modules/ngx_stream_module.so': 'libnginx-mod-stream',
  },
  sniproxy: { '/usr/sbin/sniproxy': 'sniproxy' },
  'c-splice': {},
};

/** The command that installs what a peer misses; null when nothing is missing. */
export function missingOf(name: PeerName): string | null {
  const packages = Object.entries(NEEDS[name]).flatMap(([path, from]) => (existsSync(path) ? [] : [from]));
  return packages.length === 0 ? null : `apt install ${packages.join(' ')}`;
}

/**
 * Starts a peer: one worker each, the defaults of Debian's package for the rest, and the same task as the firewall's: read the
 * name in the ClientHello, choose the server by it, forward. None of them writes a log.
 */
export async function startPeer(name: PeerName, world: World): Promise<Subject> {
  const near = world.network.near[0] ?? '';
  const program = new Running(near, command(name, world));
  const port = PORTS[name];
  const works = (): Promise<boolean> => answers(near, world, port);
  if (!(await within(START_LIMIT_MS, async () => program.ended || (await works()))) || program.ended) {
    await program.stop();
    throw new Error(`${name} does not forward: ${program.errors.trim()}`);
  }
  return { name, near, ip: LOCAL, port, program, close: () => program.stop() };
}

async function answers(near: string, { programs }: World, port: number): Promise<boolean> {
  const command = [programs.load, 'latency', LOCAL, String(port), programs.hello, '1'];
  const said = await must(['ip', 'netns', 'exec', near, ...command]);
  return (JSON.parse(said) as { errors: number }).errors === 0;
}

function command(name: PeerName, { programs }: World): readonly string[] {
  const port = PORTS[name];
  const config = (text: string): string => {
    const path = `${programs.folder}/${name}.conf`;
    writeFileSync(path, text);
    return path;
  };
  switch (name) {
    case 'haproxy':
      return ['/usr/sbin/haproxy', '-db', '-f', config(haproxy(port, '', ''))];
    case 'haproxy-splice': {
      const text = haproxy(port, 'tune.pipesize 1048576', 'option splice-request\n  option splice-response');
      return ['/usr/sbin/haproxy', '-db', '-f', config(text)];
    }
    case 'nginx':
      return [
        '/usr/sbin/nginx',
        '-p',
        programs.folder,
        '-e',
        'stderr',
        '-c',
        config(nginx(port, programs.folder)),
      ];
    case 'sniproxy':
      return ['/usr/sbin/sniproxy', '-f', '-n', '20000', '-c', config(sniproxy(port, programs.folder))];
    case 'c-splice':
      return [programs.splice, LOCAL, String(port), SERVER_IP, String(PLAIN_PORT)];
  }
}

function haproxy(port: number, global: string, defaults: string): string {
  return `global
  nbthread 1
  ${global}
defaults
  mode tcp
  timeout connect 5000
  timeout client 50000
  timeout server 50000
  ${defaults}
frontend in
  bind ${LOCAL}:${port}
  tcp-request inspect-delay 5s
  tcp-request content accept if { req.ssl_hello_type 1 }
  use_backend site if { req.ssl_sni -i ${SERVER_NAME} }
backend site
  server one ${SERVER_IP}:${PLAIN_PORT}
`;
}

function nginx(port: number, folder: string): string {
  return `load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
user root;
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${folder}/nginx.pid;
events { worker_connections 16384; }
stream {
  map $ssl_preread_server_name $up { ${SERVER_NAME} ${SERVER_IP}:${PLAIN_PORT}; default ${LOCAL}:9; }
  server { listen ${LOCAL}:${port}; ssl_preread on; proxy_pass $up; }
}
`;
}

function sniproxy(port: number, folder: string): string {
  return `user root
pidfile ${folder}/sniproxy.pid
error_log { filename ${folder}/sniproxy.log }
listen ${LOCAL}:${port} {
  proto tls
  table site
}
table site {
  ${NAME_PATTERN} ${SERVER_IP}:${PLAIN_PORT}
}
`;
}
