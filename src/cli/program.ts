import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { LIST_KINDS } from '../policy/lists/kinds.ts';
import { durationMs, sinceMs, withPaths } from './options.ts';
import { CommandError, EXIT, endOnBrokenPipe, print, printError } from './print.ts';
import { VERSION } from './version.ts';

/** Runs one command line to its end and sets the exit code. */
export async function run(argv: readonly string[]): Promise<void> {
  endOnBrokenPipe();
  if (argv[0]?.startsWith('__') === true) {
    process.exitCode = await hidden(argv[0], argv.slice(1));
    return;
  }
  try {
    await program().parseAsync(argv, { from: 'user' });
  } catch (caught) {
    const error = await explainedError(caught);
    if (error instanceof CommandError) {
      if (error.message !== '') printError(error.message);
      process.exitCode = error.exitCode;
    } else if (error instanceof CommanderError) {
      if (error.code === 'commander.excessArguments')
        printError(`no such command: resolagent ${argv.join(' ')}; see resolagent --help`);
      process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
    } else {
      printError(error instanceof Error ? error.message : String(error));
      process.exitCode = EXIT.cannot;
    }
    // What the command left open, such as a connection to the engine, must not keep it alive.
    process.stdout.write('', () => process.exit());
  }
}

/** What the control client threw, with the reader's remedy. Loaded only when something failed. */
async function explainedError(error: unknown): Promise<unknown> {
  if (error instanceof CommandError || error instanceof CommanderError) return error;
  return (await import('./engine/connect.ts')).explained(error);
}

/** Subcommands by which the binary serves itself. */
async function hidden(name: string, args: readonly string[]): Promise<number> {
  const { runHidden } = await import('./engine/hidden.ts');
  return runHidden(name, args);
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value < 1 || value > 65_535)
    throw new InvalidArgumentError('expected 1 to 65535');
  return value;
}

function inquiryId(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw new InvalidArgumentError('expected the number of an inquiry, as `judge list` shows it');
  return Number(text);
}

function program(): Command {
  const root = withPaths(new Command('resolagent'))
    .description('Stands between every program and the network, and decides by itself what may pass.')
    .version(VERSION, '-V, --version')
    .option('--json', 'print the log as JSON when there is no terminal')
    .exitOverride()
    .configureOutput({
      // Told by `run`, in words that help.
      writeErr: (text) =>
        text.includes('too many arguments') || printError(text.trim().replace(/^error: /, '')),
      writeOut: (text) => print(text.trimEnd()),
    })
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 the answer is no, 2 wrong usage, 3 the machine cannot do it.',
    )
    .action(async (_options, command: Command) => (await import('./engine/run.ts')).runScreenOrLog(command));

  const add = (name: string, description: string): Command =>
    withPaths(root.command(name).description(description)).exitOverride().copyInheritedSettings(root);

  add('daemon', 'run the engine alone, for launchd and systemd')
    .option('--json', 'print every flow as JSON')
    .option('--quiet', 'print no flows')
    .action(async (_o, command: Command) => (await import('./engine/run.ts')).runDaemon(command));
  add('log', 'print the connections of the ledger')
    .option('-f, --follow', 'go on with what happens now')
    .option('--json', 'one object a line')
    .option('--since <when>', 'only from then on: 1h, 7d, 2026-01-31T08:00', sinceMs)
    .option('--filter <words>', "only what matches: 'host:example.com app:curl verdict:block'", '')
    .option('-n, --limit <count>', 'at most so many, the latest (default: 1000; all with --since)', Number)
    .action(async (_o, command: Command) => (await import('./log.ts')).log(command));
  add('explain', 'show what every step would say of a connection')
    .argument('<target>', 'HOST or HOST:PORT')
    .option('--app <path>', 'as if this program asked')
    .option('--user <name>', 'as if this user asked')
    .option('--offline', 'without asking the running engine')
    .option('--json', 'as one object')
    .action(async (target: string, _o, command: Command) =>
      (await import('./explain.ts')).explainTarget(target, command),
    );
  add('score', 'what the embedded models say of names, with no engine and no network')
    .argument('<hosts...>', 'names; - reads them from standard input, one a line')
    .option('--offline', 'nothing is looked up: so it is anyway')
    .option('--json', 'one object a line')
    .action(async (hosts: string[], _o, command: Command) =>
      (await import('./score.ts')).score(hosts, command),
    );
  const feedback = nested(
    add('scores', 'what your overrides taught the scores'),
    'feedback',
    'list, forget, reset',
  );
  nested(feedback, 'list', 'print every override that moves the scores of similar names')
    .option('--json', 'one object a line')
    .action(async (_o, command: Command) => (await import('./feedback.ts')).feedbackList(command));
  nested(feedback, 'forget', 'take one back')
    .argument('<host>', 'as `scores feedback list` shows it')
    .action(async (host: string, _o, command: Command) =>
      (await import('./feedback.ts')).feedbackForget(host, command),
    );
  nested(feedback, 'reset', 'take all back').action(async (_o, command: Command) =>
    (await import('./feedback.ts')).feedbackReset(command),
  );
  for (const action of ['allow', 'block'] as const) {
    add(action, `${action} a name, an address or a range from now on`)
      .argument('<target>', 'example.com, =example.com, *.example.com, 203.0.113.0/24, with :PORT or without')
      .option('--app <path>', 'only for this program: absolute path or file name')
      .option('--user <name>', 'only for this user')
      .option('--port <port>', 'only to this port', port)
      .option('--for <time>', 'only for so long: 15m, 1h, 7d', durationMs)
      .option('--note <text>', 'a note to yourself')
      .option('--json', 'print the rule as an object')
      .action(async (target: string, _o, command: Command) =>
        (await import('./rules/rule.ts')).makeRule(action, target, command),
      );
  }
  addGroup(root, add('rules', 'list, remove, import and export rules'));
  addLists(add('lists', 'the lists of names: status, switches, updates, search'), root);
  addJudge(add('judge', 'the language model: check it, read its inquiries, replay and forget them'), root);
  const anchor = add('anchor', 'the kernel rules: print, check, probe');
  nested(anchor, 'print', 'print what would be loaded')
    .option('--platform <name>', 'darwin or linux (default: this machine)')
    .action(async (_o, command: Command) => (await import('./anchor.ts')).anchorPrint(command));
  nested(anchor, 'check', "validate it with the kernel's own tool")
    .option('--platform <name>', 'darwin or linux (default: this machine)')
    .option('--json', 'as one object')
    .action(async (_o, command: Command) => (await import('./anchor.ts')).anchorCheck(command));
  nested(anchor, 'probe', 'test whether connections are really redirected')
    .option('--json', 'as one object')
    .action(async (_o, command: Command) => (await import('./anchor.ts')).anchorProbe(command));
  add('status', 'how the engine is doing')
    .option('--json', 'as one object')
    .action(async (_o, command: Command) => (await import('./engine/status.ts')).status(command));
  add('doctor', 'check everything the machine must have')
    .option('--json', 'one object a check')
    .action(async (_o, command: Command) => (await import('./doctor.ts')).doctor(command));
  add('reset', 'restore the network, with no engine, configuration or database').action(
    async (_o, command: Command) => (await import('./engine/reset.ts')).reset(command),
  );
  const config = add('config', 'the configuration: show, check, schema');
  nested(config, 'show', 'print every key with the value in force')
    .option('--json', 'as one object')
    .action(async (_o, command: Command) => (await import('./config.ts')).configShow(command));
  nested(config, 'check', 'check the file and the rules beside it').action(async (_o, command: Command) =>
    (await import('./config.ts')).configCheck(command),
  );
  nested(config, 'schema', 'print the JSON schema of the file').action(async () =>
    (await import('./config.ts')).configSchemaJson(),
  );
  add('version', 'print the version')
    .option('--json', 'as one object')
    .action(async (options: { json?: true }) => {
      print(options.json === true ? JSON.stringify({ version: VERSION }) : VERSION);
    });
  return root;
}

function addGroup(root: Command, rules: Command): void {
  rules.copyInheritedSettings(root);
  nested(rules, 'list', 'print the rules')
    .option('--json', 'one object a line')
    .action(async (_o, command: Command) => (await import('./rules/rules.ts')).rulesList(command));
  nested(rules, 'remove', 'remove a rule')
    .argument('<id>', 'as `rules list` shows it')
    .action(async (id: string, _o, command: Command) =>
      (await import('./rules/rules.ts')).rulesRemove(id, command),
    );
  nested(rules, 'import', 'add the rules of a file')
    .argument('<file>', 'as `rules export` writes it; - for standard input')
    .action(async (file: string, _o, command: Command) =>
      (await import('./rules/rules.ts')).rulesImport(file, command),
    );
  nested(rules, 'export', 'print the rules as a file to import').action(async (_o, command: Command) =>
    (await import('./rules/rules.ts')).rulesExport(command),
  );
}

function addLists(lists: Command, root: Command): void {
  lists.copyInheritedSettings(root);
  const load = () => import('./lists/lists.ts');
  nested(lists, 'status', 'every list: category, entries, hits, age, last error')
    .option('--json', 'one object a line')
    .action(async (_o, command: Command) => (await load()).listsStatus(command));
  for (const [name, on] of [
    ['enable', true],
    ['disable', false],
  ] as const) {
    nested(lists, name, `switch a list ${on ? 'on' : 'off'}`)
      .argument('<name>', 'as `lists status` shows it')
      .action(async (list: string, _o, command: Command) => (await load()).listsSwitch(list, on, command));
  }
  nested(lists, 'update', 'download what changed')
    .argument('[name...]', 'sources; all that are on when left out')
    .option('--force', 'take lists that shrank, too')
    .option('--json', 'one object a source')
    .action(async (names: string[], _o, command: Command) => (await load()).listsUpdate(names, command));
  nested(lists, 'search', 'which lists hold a name or a parent of it')
    .argument('<host>', 'a name')
    .option('--json', 'one object a line')
    .action(async (host: string, _o, command: Command) => (await load()).listsSearch(host, command));
  nested(lists, 'add', 'add a list by URL or file')
    .argument('<url|file>', 'where it is')
    .addOption(new Option('--category <category>', 'what it holds').choices(LIST_KINDS).default('custom'))
    .option('--name <name>', 'what to call it')
    .action(async (at: string, _o, command: Command) => (await load()).listsAdd(at, command));
  nested(lists, 'remove', 'take back a list that was added')
    .argument('<name>', 'as `lists status` shows it')
    .action(async (name: string, _o, command: Command) => (await load()).listsRemove(name, command));
  nested(lists, 'diff', 'what the last update of a list added and removed')
    .argument('<name>', 'a source')
    .option('--json', 'as one object')
    .action(async (name: string, _o, command: Command) => (await load()).listsDiff(name, command));
}

function addJudge(judge: Command, root: Command): void {
  judge.copyInheritedSettings(root);
  const load = () => import('./judge/judge.ts');
  nested(judge, 'check', 'try what the configured server can do')
    .option('--json', 'as one object')
    .addHelpText('after', '\nExit code 1 when no inquiry can be made with it.')
    .action(async (_o, command: Command) => (await import('./judge/check.ts')).judgeCheck(command));
  nested(judge, 'list', 'the latest inquiries, newest first')
    .option('-n, --limit <count>', 'at most so many (default: 20)', Number)
    .option('--json', 'one object a line')
    .action(async (_o, command: Command) => (await load()).judgeList(command));
  nested(judge, 'show', 'the transcript of an inquiry: who asked for what, every round, the outcome')
    .argument('<id>', 'as `judge list` shows it', inquiryId)
    .option('--json', 'as one object')
    .action(async (id: number, _o, command: Command) => (await load()).judgeShow(id, command));
  nested(judge, 'replay', 'run an inquiry again, from its stored tool results, against the model of today')
    .argument('<id>', 'as `judge list` shows it', inquiryId)
    .option('--json', 'as one object')
    .addHelpText(
      'after',
      '\nExit code 1 when the two come to different verdicts. No verdict in force changes.',
    )
    .action(async (id: number, _o, command: Command) => (await load()).judgeReplay(id, command));
  nested(judge, 'learned', 'the verdicts that stand until they expire, newest first')
    .option('-n, --limit <count>', 'at most so many (default: 1000)', Number)
    .option('--json', 'one object a line')
    .action(async (_o, command: Command) => (await load()).judgeLearned(command));
  nested(judge, 'forget', 'take a verdict back; the next connection is judged anew')
    .argument('<domain>', 'as `judge learned` shows it')
    .action(async (domain: string, _o, command: Command) => (await load()).judgeForget(domain, command));
}

function nested(parent: Command, name: string, description: string): Command {
  return withPaths(parent.command(name).description(description))
    .exitOverride()
    .copyInheritedSettings(parent);
}
