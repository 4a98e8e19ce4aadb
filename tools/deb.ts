import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { commandTree } from '../src/cli/command-tree.ts';
import { completionScript } from '../src/cli/completion.ts';
import { VERSION } from '../src/cli/version.ts';
import { renderUnit } from '../src/service/unit.ts';
import { renderManPage } from './man.ts';

const ROOT = join(import.meta.dir, '..');
const DPKG_DEB = '/usr/bin/dpkg-deb';
/** Debian's names of processors, by Node's. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const KIB = 1_024;
const PROGRAM = 'usr/bin/resolagent';
/** The scripts that dpkg runs (deb-postinst(5) and so on). */
const SCRIPTS = ['postinst', 'prerm', 'postrm'];

/** The program is one file with what it carries appended to it: stripping would cut that off, and it brings its own libraries. */
const OVERRIDES = `resolagent: unstripped-binary-or-object [${PROGRAM}]
resolagent: embedded-library *
`;

/** Every file of the package but the program, by its path in the file system. */
function files(date: Date): Readonly<Record<string, string | Uint8Array>> {
  const packed = (text: string): Uint8Array => gzipSync(text, { level: 9 });
  const licence = readFileSync(join(ROOT, 'LICENSE'), 'utf8').trim();
  return {
    'usr/lib/systemd/system/resolagent.service': renderUnit({
      program: `/${PROGRAM}`,
      args: ['daemon', '--quiet'],
      isCopy: false,
    }),
    'usr/share/bash-completion/completions/resolagent': completionScript(commandTree(), 'bash'),
    'usr/share/zsh/vendor-completions/_resolagent': completionScript(commandTree(), 'zsh'),
    'usr/share/fish/vendor_completions.d/resolagent.fish': completionScript(commandTree(), 'fish'),
    'usr/share/man/man8/resolagent.8.gz': packed(renderManPage(date)),
    'usr/share/doc/resolagent/changelog.gz': packed(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8')),
    'usr/share/doc/resolagent/copyright': `${licence}\n`,
    'usr/share/lintian/overrides/resolagent': OVERRIDES,
  };
}

/** The control file (deb-control(5)). */
function control(architecture: string, sizeBytes: number): string {
  return `Package: resolagent
Version: ${VERSION}
Architecture: ${architecture}
Maintainer: the Resolagent authors <resolagent@users.noreply.github.com>
Installed-Size: ${Math.ceil(sizeBytes / KIB)}
Depends: libc6, nftables, passwd
Section: net
Priority: optional
Description: firewall that knows the names of outbound connections
 Stands between every program and the network, reads the name of every outbound
 connection, finds the program that asked, and decides by rules, lists, scores
 and, where these leave it open, a language model what may pass. Nothing reaches
 a server before the verdict.
`;
}

/** Builds `resolagent_VERSION_ARCHITECTURE.deb` from a program; the same input gives the same bytes. Returns its path. */
async function buildDeb(program: string, architecture: string, outDir: string, date: Date): Promise<string> {
  mkdirSync(outDir, { recursive: true });
  const tree = mkdtempSync(join(outDir, 'deb-'));
  try {
    const put = (path: string, content: string | Uint8Array, mode: number): void => {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), content);
      chmodSync(join(tree, path), mode);
    };
    put(PROGRAM, '', 0o755);
    cpSync(program, join(tree, PROGRAM));
    for (const [path, content] of Object.entries(files(date))) put(path, content, 0o644);
    put('DEBIAN/control', control(architecture, statSync(program).size), 0o644);
    for (const name of SCRIPTS)
      put(`DEBIAN/${name}`, readFileSync(join(import.meta.dir, 'deb', name)), 0o755);
    chmodSync(join(tree, PROGRAM), 0o755);
    chmodSync(tree, 0o755);
    const path = join(outDir, `resolagent_${VERSION}_${architecture}.deb`);
    const child = Bun.spawn([DPKG_DEB, '--root-owner-group', '-Zgzip', '-z6', '--build', tree, path], {
      env: {
        PATH: '/usr/bin:/bin',
        LC_ALL: 'C',
        SOURCE_DATE_EPOCH: String(Math.floor(date.getTime() / 1_000)),
      },
      stdout: 'ignore',
      stderr: 'inherit',
    });
    if ((await child.exited) !== 0) throw new Error(`dpkg-deb did not build ${path}`);
    return path;
  } finally {
    rmSync(tree, { recursive: true });
  }
}

const { values } = parseArgs({
  options: {
    program: { type: 'string', default: join(ROOT, 'resolagent') },
    arch: { type: 'string', default: process.arch },
    outdir: { type: 'string', default: join(ROOT, 'dist') },
  },
});
const architecture = ARCHITECTURES[values.arch];
if (architecture === undefined) throw new Error(`--arch ${values.arch}: expected x64 or arm64`);
const epoch = process.env.SOURCE_DATE_EPOCH;
const date = epoch === undefined ? new Date() : new Date(Number(epoch) * 1_000);
const path = await buildDeb(resolve(values.program), architecture, resolve(values.outdir), date);
process.stdout.write(`${path} built\n`);
