import type { Argument, Command } from 'commander';
import { commandTree } from '../src/cli/command-tree.ts';
import { VERSION } from '../src/cli/version.ts';

/** Text as roff reads it (groff_man(7)): no escapes, no request at the start of a line, hyphens that can be copied. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(['.])/gm, '\\&$1');

const FILES = [
  ['/etc/resolagent/config.toml', 'the configuration; none is needed'],
  ['/etc/resolagent/rules.d/', 'rules, a file or more'],
  ['/var/lib/resolagent/', 'connections, rules made by commands, lists'],
  ['/run/resolagent/control.sock', 'the socket on which commands ask the engine'],
] as const;

/** The manual page of the program, resolagent(8), made from its commands. */
export function renderManPage(date: Date): string {
  const root = commandTree();
  const lines = [
    `.TH RESOLAGENT 8 ${date.toISOString().slice(0, 10)} "resolagent ${VERSION}" "System Administration"`,
    '.SH NAME',
    'resolagent \\- firewall that knows the names of outbound connections',
    '.SH SYNOPSIS',
    '.B resolagent',
    `[${roff('command')}] [options]`,
    '.SH DESCRIPTION',
    roff(root.description()),
    'Without a command it shows the screen, and starts the engine when none runs; without a terminal it is the engine.',
    '.SH OPTIONS',
    ...options(root),
    '.SH COMMANDS',
    ...commands(root, ''),
    '.SH EXIT STATUS',
    ...term('0', 'done'),
    ...term('1', 'the answer is no'),
    ...term('2', 'wrong usage'),
    ...term('3', 'the machine cannot do it'),
    '.SH FILES',
    ...FILES.flatMap(([path, what]) => term(path, what)),
    '.SH SEE ALSO',
    '.BR nft (8),',
    '.BR systemctl (1)',
  ];
  return `${lines.join('\n')}\n`;
}

function commands(parent: Command, before: string): string[] {
  const visible = parent.createHelp().visibleCommands(parent);
  return visible.flatMap((command) => {
    if (command.name() === 'help') return [];
    const name = `${before}${command.name()}`;
    const given = command.registeredArguments.map((argument) => ` ${usage(argument)}`).join('');
    const own = options(command);
    return [
      `.SS ${roff(name + given)}`,
      roff(command.description()),
      ...command.registeredArguments.flatMap((argument) => term(usage(argument), argument.description)),
      ...own,
      ...commands(command, `${name} `),
    ];
  });
}

/** Those of a command that not every command has. */
function options(command: Command): string[] {
  const everywhere = ['--config', '--state', '--socket', '--help'];
  return command
    .createHelp()
    .visibleOptions(command)
    .filter(
      ({ long }) =>
        command.parent === null || command.name() === 'uninstall' || !everywhere.includes(long ?? ''),
    )
    .flatMap(({ flags, description }) => term(flags, description));
}

function usage(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function term(word: string, meaning: string): string[] {
  return ['.TP', `.B ${roff(word)}`, roff(meaning)];
}
