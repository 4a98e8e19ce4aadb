import { expect, test } from 'bun:test';
import { commandTree } from '../../src/cli/command-tree.ts';
import { completionScript } from '../../src/cli/completion.ts';

type Shell = 'bash' | 'zsh' | 'fish';

/** How each shell is made to load the script and to print what it would offer for the words that follow. */
const OFFERS: Readonly<Record<Shell, string>> = {
  bash: `source /dev/stdin; COMP_WORDS=(resolagent "$@"); COMP_CWORD=$#; _resolagent; printf "%s\\n" "\${COMPREPLY[@]}"`,
  // The system of completion is replaced by functions that print what they are given; the shell still filters.
  zsh: `compdef() { : }
    _describe() { local name=$@[-1]; print -rl -- \${\${(P)name}%%:*} }
    compadd() { shift; print -rl -- "$@" }
    _files() { print files }
    source /dev/stdin; words=(resolagent "$@"); CURRENT=$#words; _resolagent`,
  fish: 'source -; complete -C "resolagent $argv[2..]"',
};
const FLAGS: Readonly<Record<Shell, readonly string[]>> = {
  bash: ['--norc', '-c', OFFERS.bash, 'bash'],
  zsh: ['-f', '-c', OFFERS.zsh, 'zsh'],
  fish: ['--no-config', '-c', OFFERS.fish, '--', 'fish'],
};

async function offered(shell: Shell, ...words: string[]): Promise<string[]> {
  const child = Bun.spawn([`/usr/bin/${shell}`, ...FLAGS[shell], ...words], {
    stdin: new Blob([completionScript(commandTree(), shell)]),
    stdout: 'pipe',
    stderr: 'pipe',
    // Nothing there begins like a command.
    cwd: '/proc/sys',
    env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', TERM: 'dumb' },
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  expect(err).toBe('');
  const last = words.at(-1) ?? '';
  const found = out.split('\n').map((line) => line.split('\t')[0] ?? '');
  return found.filter(
    (word) => word !== '' && (shell !== 'zsh' || word === 'files' || word.startsWith(last)),
  );
}

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  const isThere = Bun.which(shell, { PATH: '/usr/bin' }) !== null;
  const needed = process.env.RESOLAGENT_E2E === 'required';
  test.skipIf(!isThere && !needed)(`${shell} completes commands, options and what they may be`, async () => {
    expect(await offered(shell, 'serv')).toEqual(['service']);
    expect((await offered(shell, 'service', '')).sort()).toEqual(['install', 'status', 'uninstall']);
    expect(await offered(shell, 'service', 'install', '--no')).toEqual(['--no-start']);
    expect(await offered(shell, 'scores', 'feedback', 'forg')).toEqual(['forget']);
    expect(await offered(shell, 'rules', 'list', '--dry')).toEqual([]);
    expect(await offered(shell, 'lists', 'add', '--category', 'mal')).toEqual(['malware']);
    expect((await offered(shell, 'completion', '')).sort()).toEqual(['bash', 'fish', 'zsh']);
    // A word that is the value of an option leads nowhere.
    expect(await offered(shell, '--config', 'rules', 'serv')).toEqual(['service']);
  });
}
