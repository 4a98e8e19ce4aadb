import { beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ToolOutcome } from '../asking-context.ts';

const NAME_SERVER = '203.0.113.53';
/** Spellings of this machine, of its network and of metadata services. */
const PRIVATE = [
  'http://127.0.0.1/',
  'https://127.0.0.1/',
  'http://127.1/',
  'http://0x7f000001/',
  'http://0x7f.0.0.1/',
  'http://2130706433/',
  'http://0177.0.0.1/',
  'http://017700000001/',
  'http://0/',
  'http://0.0.0.0/',
  'http://①②⑦.⓪.⓪.①/',
  'http://127。0。0。1/',
  'http://127.0.0.1./',
  'http:\\\\127.0.0.1\\',
  '//127.0.0.1/',
  'http://localhost/',
  'http://LOCALHOST./',
  'http://[::1]/',
  'http://[::]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[::7f00:1]/',
  'http://[::ffff:169.254.169.254]/',
  'http://[64:ff9b::169.254.169.254]/',
  'http://[2002:7f00:1::]/',
  'http://[fd00:ec2::254]/',
  'http://[fe80::1]/',
  'http://169.254.169.254/latest/meta-data/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://metadata.google.internal/computeMetadata/v1/',
  'http://100.100.100.200/',
  'http://168.63.129.16/',
  'http://10.9.9.9/',
  'http://192.168.9.9/',
  'http://172.16.9.9/',
  'http://224.0.0.1/',
];
const BY_FORM = ['http://user:pass@203.0.113.11/', 'http://203.0.113.11:22/', 'file:///etc/passwd'];
/** That these are followed shows that the rest is not refused for want of a way there. */
const PUBLIC = ['http://203.0.113.11/', 'http://[2001:db8:113::11]/', 'http://[::ffff:203.0.113.11]/'];

interface Ran {
  readonly outcome: ToolOutcome;
  readonly accepted: readonly string[];
}

const SETUP = [
  'set -e',
  'ip link set lo up',
  'for a in 203.0.113.0/24 10.9.9.0/24 192.168.9.0/24 172.16.9.0/24 169.254.169.0/24 100.100.100.0/24 168.63.129.0/24; do',
  'ip route add local $a dev lo; done',
  'for a in 2001:db8:113::/64 fd00:ec2::/64 64:ff9b::/96 2002:7f00:1::/64; do ip -6 route add local $a dev lo; done',
  'mount --bind "$1/resolv.conf" /etc/resolv.conf; mount --bind "$1/hosts" /etc/hosts',
  'shift; exec "$@"',
].join('\n');

/** A namespace that goes with its process, and leads nowhere; whoever is not root becomes it in there. */
const AS_ROOT = process.geteuid?.() === 0 ? [] : ['--user', '--map-root-user'];
const UNSHARE = ['unshare', ...AS_ROOT, '--net', '--mount', '/bin/sh', '-c'];

function isPossible(): boolean {
  const needs = ['unshare', 'ip', 'mount', 'openssl'];
  if (process.platform !== 'linux' || needs.some((program) => Bun.which(program) === null)) return false;
  return Bun.spawnSync([...UNSHARE, 'ip link set lo up']).exitCode === 0;
}

async function runAll(): Promise<Map<string, Ran>> {
  const root = mkdtempSync(join(tmpdir(), 'resolagent-internet-'));
  try {
    writeFileSync(join(root, 'resolv.conf'), `nameserver ${NAME_SERVER}\noptions timeout:2 attempts:2\n`);
    writeFileSync(join(root, 'hosts'), '127.0.0.1 localhost\n::1 localhost\n');
    const program = join(import.meta.dir, 'programs/internet.ts');
    const redirects = JSON.stringify([...PRIVATE, ...BY_FORM, ...PUBLIC]);
    const command = [...UNSHARE, SETUP, 'sh', root, process.execPath, program, NAME_SERVER, redirects];
    const child = Bun.spawn(command, { stdout: 'pipe', stderr: 'inherit' });
    const lines = (await child.stdout.text()).trim().split('\n');
    expect(await child.exited).toBe(0);
    return new Map(
      lines.map((line) => {
        const { label, ...ran } = JSON.parse(line) as Ran & { label: string };
        return [label, ran];
      }),
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

describe.skipIf(!isPossible())('in an internet of its own, with its own names and addresses', () => {
  let all: Map<string, Ran>;
  beforeAll(async () => {
    all = await runAll();
  });

  function ran(label: string): Ran & { readonly text: string } {
    const found = all.get(label);
    if (found === undefined) throw new Error(`${label} did not run`);
    const { outcome } = found;
    return { ...found, text: outcome.kind === 'ok' ? outcome.text : `failed: ${outcome.why}` };
  }

  test('a page is fetched at the port of its scheme', () => {
    expect(ran('plain').text).toContain('Title: answered');
    expect(ran('plain').accepted).toEqual(['203.0.113.10']);
  });

  test.each(PRIVATE)('a redirect to %s is told, and nobody is connected to there', (to) => {
    const { text, accepted } = ran(to);
    expect(text).toMatch(
      /^Asked: https:\/\/shop\.test\/ \(status 302\)\nWent no further: .* is not on the internet\.$/,
    );
    expect(accepted).toEqual(['203.0.113.10']);
  });

  test.each(BY_FORM)('a redirect to %s is not followed either', (to) => {
    expect(ran(to).text).toMatch(/\nWent no further: .*: it was not contacted\.$/);
    expect(ran(to).accepted).toEqual(['203.0.113.10']);
  });

  test.each(PUBLIC)('a redirect to %s is', (to) => {
    expect(ran(to).text).toContain('Title: answered');
    expect(ran(to).accepted).toHaveLength(2);
  });

  test('a name that leads to the own network is not asked, at first or by a redirect', () => {
    expect(ran('private').text).toBe(
      'failed: https://private.shop.test/ cannot be asked: private.shop.test leads to 10.9.9.9, which is not on the internet',
    );
    expect(ran('private').accepted).toEqual([]);
    expect(ran('redirect to a private name').accepted).toEqual(['203.0.113.10']);
  });

  test('of a name with public and private addresses the public one is asked', () => {
    expect(ran('mixed').text).toContain('Title: answered');
    expect(ran('mixed').accepted).toEqual(['203.0.113.11']);
  });

  test('a name that answers differently the second time is asked at its first answer', () => {
    expect(ran('turns').text).toContain('Title: answered');
    expect(ran('turns').accepted).toEqual(['203.0.113.12']);
  });

  test('a name that turns private between two redirects is not followed', () => {
    expect(ran('back').text).toContain(
      'Went no further: https://back.shop.test/ cannot be asked: back.shop.test leads to 169.254.169.254',
    );
    expect(ran('back').accepted).toEqual(['203.0.113.13']);
  });

  test('a handshake is made with the checked address, and with no private one', () => {
    expect(ran('certificate turns').text).toContain('port 443, address 203.0.113.12');
    expect(ran('certificate turned').text).toContain('leads to 127.0.0.1, which is not on the internet');
    expect(ran('certificate turned').accepted).toEqual([]);
    expect(ran('certificate private').accepted).toEqual([]);
  });
});
