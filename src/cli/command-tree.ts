import { Argument, Command, Option } from 'commander';
import { LIST_KINDS } from '../policy/lists/kinds.ts';
import { durationMs, LEARNED_MAX, sinceMs, wantsJson, wholeNumber, withPaths } from './options.ts';
import { print, printError } from './print.ts';
import { VERSION } from './version.ts';

/** Of the filter language what is not plain; the rest its errors tell. */
const FILTER_HELP = `
A filter is terms that must all hold; -term must not, a|b is either, "…" keeps spaces. A bare word is looked for anywhere in host and
program. host: looks at whole labels: host:example.com is the name and all below it, host:ads every name with that label,
host:=NAME the name alone, host:*.NAME what is below it.`;

/** What a command does: called with its arguments, and itself last. */
type Action<Args extends unknown[]> = (...given: [...Args, Command]) => void | Promise<void>;

/** Every command with its arguments and options; what it does is loaded when it runs. */
export function commandTree(): Command {
  const run = () => import('./engine/run.ts');
  // Options of the root are read wherever they stand, so its form of --state is the one that counts.
  const root = withPaths(new Command('resolagent'), ['--state [dir]', 'folder of the ledger and lists'])
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
    .action(lazily(async () => (await run()).runScreenOrLog));

  add(root, 'daemon', 'run the engine alone, for launchd and systemd', async () => (await run()).runDaemon)
    .option('--json', 'print every flow as JSON')
    .option('--quiet', 'print no flows');
  add(root, 'log', 'print the connections of the ledger', async () => (await import('./log.ts')).log)
    .option('-f, --follow', 'go on with what happens now')
    .option('--json', 'one object a line')
    .option('--since <when>', 'only from then on: 1h, 7d, 2026-01-31T08:00', sinceMs)
    .option('--filter <words>', "only what matches: 'host:example.com app:curl verdict:block'", '')
    .option(
      '-n, --limit <count>',
      'at most so many, the latest (default: 1000; all with --since)',
      wholeNumber(),
    )
    .addHelpText('after', FILTER_HELP);
  const explain = async () => (await import('./explain.ts')).explainTarget;
  add(root, 'explain', 'show what every step would say of a connection', explain)
    .argument('<target>', 'HOST or HOST:PORT')
    .option('--app <path>', 'as if this program asked; else one that no rule names')
    .option('--user <name>', 'as if this user asked')
    .option('--offline', 'without asking the running engine')
    .option('--json', 'as one object');
  const why = async () => (await import('./why.ts')).whyFlow;
  const flowId = wholeNumber(Number.MAX_SAFE_INTEGER, 'the number of a connection, as `log --json` shows it');
  add(root, 'why', 'why a connection was decided so, and whether it would be again', why)
    .argument('<id>', 'as `log --json` shows it', flowId)
    .option('--json', 'as one object')
    .addHelpText('after', '\nExit code 1 when the policy of today gives another verdict.');
  const score = async () => (await import('./score.ts')).score;
  add(root, 'score', 'what the embedded models say of names, with no engine and no network', score)
    .argument('<hosts...>', 'names; - reads them from standard input, one a line')
    .option('--offline', 'nothing is looked up: so it is anyway')
    .option('--json', 'one object a line');
  addFeedback(add(root, 'scores', 'what your overrides taught the scores'));
  const makeRule = async () => (await import('./rules/rule.ts')).makeRule;
  for (const action of ['allow', 'block']) {
    add(root, action, `${action} a name, an address or a range from now on`, makeRule)
      .argument('<target>', 'example.com, =example.com, *.example.com, 203.0.113.0/24, with :PORT or without')
      .option('--app <path>', 'only for this program: absolute path or file name')
      .option('--user <name>', 'only for this user')
      .option('--port <port>', 'only to this port', wholeNumber(65_535, '1 to 65535'))
      .option('--for <time>', 'only for so long: 15m, 1h, 7d', durationMs)
      .option('--note <text>', 'a note to yourself')
      .option('--json', 'print the rule as an object');
  }
  addRules(add(root, 'rules', 'list, remove, import and export rules'));
  addLists(add(root, 'lists', 'the lists of names: status, switches, updates, search'));
  addJudge(add(root, 'judge', 'the language model: check it, read its inquiries, replay and forget them'));
  addAnchor(add(root, 'anchor', 'the kernel rules: print, check, probe'));
  const status = async () => (await import('./engine/status.ts')).status;
  add(root, 'status', 'how the engine is doing', status).option('--json', 'as one object');
  const doctor = async () => (await import('./doctor.ts')).doctor;
  add(root, 'doctor', 'check everything the machine must have', doctor).option(
    '--json',
    'one object a check',
  );
  const reset = async () => (await import('./engine/reset.ts')).reset;
  add(root, 'reset', 'restore the network, with no engine, configuration or database', reset);
  addService(root);
  addConfig(add(root, 'config', 'the configuration: show, check, schema'));
  add(
    root,
    'completion',
    'print what completes these commands in a shell',
    async () => (await import('./completion.ts')).completion,
  ).addArgument(new Argument('<shell>', 'which one').choices(['bash', 'zsh', 'fish']));
  add(root, 'version', 'print the version', async () => printVersion).option('--json', 'as one object');
  return root;
}

function printVersion(command: Command): void {
  print(wantsJson(command) ? JSON.stringify({ version: VERSION }) : VERSION);
}

function addService(root: Command): void {
  const load = () => import('./service/service.ts');
  const remove = () => import('./service/uninstall.ts');
  const dryRun = ['--dry-run', 'only say what would be removed'] as const;
  const json = ['--json', 'as one object'] as const;
  const stop = async () => (await import('./service/stop.ts')).stop;
  add(root, 'stop', 'end the running engine, and restore the network', stop).option(...json);
  const service = add(root, 'service', 'run the engine from every boot on: install, uninstall, status');
  add(
    service,
    'install',
    'start now, and before the network at boot',
    async () => (await load()).serviceInstall,
  )
    .option('--no-start', 'only at the next boot')
    .option(...json);
  add(service, 'uninstall', 'undo that', async () => (await remove()).serviceUninstall)
    .option(...dryRun)
    .option(...json);
  add(service, 'status', 'whether it is installed and runs', async () => (await load()).serviceStatus).option(
    ...json,
  );
  const all = 'take away what this program left on the machine: service, rules, group';
  const state = ['--state [dir]', 'and its ledger, rules and lists (default: of the machine)'] as const;
  withPaths(root.command('uninstall').description(all), state)
    .option(...dryRun)
    .option(...json)
    .action(lazily(async () => (await remove()).uninstall));
}

function addFeedback(scores: Command): void {
  const load = () => import('./feedback.ts');
  const group = add(scores, 'feedback', 'list, forget, reset');
  const list = 'print every override that moves the scores of similar names';
  add(group, 'list', list, async () => (await load()).feedbackList).option('--json', 'one object a line');
  add(group, 'forget', 'take one back', async () => (await load()).feedbackForget).argument(
    '<host>',
    'as `scores feedback list` shows it',
  );
  add(group, 'reset', 'take all back', async () => (await load()).feedbackReset);
}

function addRules(rules: Command): void {
  const load = () => import('./rules/rules.ts');
  add(rules, 'list', 'print the rules', async () => (await load()).rulesList).option(
    '--json',
    'one object a line',
  );
  add(rules, 'remove', 'remove a rule', async () => (await load()).rulesRemove).argument(
    '<id>',
    'as `rules list` shows it',
  );
  add(rules, 'import', 'add the rules of a file', async () => (await load()).rulesImport).argument(
    '<file>',
    'as `rules export` writes it; - for standard input',
  );
  add(rules, 'export', 'print the rules as a file to import', async () => (await load()).rulesExport);
}

function addLists(lists: Command): void {
  const load = () => import('./lists/lists.ts');
  const shown = ['<name>', 'as `lists status` shows it'] as const;
  const status = 'every list: category, entries, hits, age, last error';
  add(lists, 'status', status, async () => (await load()).listsStatus).option('--json', 'one object a line');
  add(lists, 'enable', 'switch a list on', async () => (await load()).listsSwitch).argument(...shown);
  add(lists, 'disable', 'switch a list off', async () => (await load()).listsSwitch).argument(...shown);
  add(lists, 'update', 'download what changed', async () => (await load()).listsUpdate)
    .argument('[name...]', 'sources; all that are on when left out')
    .option('--force', 'take lists that shrank, too')
    .option('--json', 'one object a source');
  add(lists, 'search', 'which lists hold a name or a parent of it', async () => (await load()).listsSearch)
    .argument('<host>', 'a name')
    .option('--json', 'one object a line');
  add(lists, 'add', 'add a list by URL or file', async () => (await load()).listsAdd)
    .argument('<url|file>', 'where it is')
    .addOption(new Option('--category <category>', 'what it holds').choices(LIST_KINDS).default('custom'))
    .option('--name <name>', 'what to call it');
  add(lists, 'remove', 'take back a list that was added', async () => (await load()).listsRemove).argument(
    ...shown,
  );
  add(lists, 'diff', 'what the last update of a list added and removed', async () => (await load()).listsDiff)
    .argument('<name>', 'a source')
    .option('--json', 'as one object');
}

function addJudge(judge: Command): void {
  const load = () => import('./judge/judge.ts');
  const expected = 'the number of an inquiry, as `judge list` shows it';
  const id = ['<id>', 'as `judge list` shows it', wholeNumber(999_999_999_999_999, expected)] as const;
  const check = async () => (await import('./judge/check.ts')).judgeCheck;
  add(judge, 'check', 'try what the configured server can do', check)
    .option('--json', 'as one object')
    .addHelpText('after', '\nExit code 1 when no inquiry can be made with it.');
  add(judge, 'list', 'the latest inquiries, newest first', async () => (await load()).judgeList)
    .option('-n, --limit <count>', 'at most so many (default: 20)', wholeNumber())
    .option('--json', 'one object a line');
  const show = 'the transcript of an inquiry: who asked for what, every round, the outcome';
  add(judge, 'show', show, async () => (await load()).judgeShow)
    .argument(...id)
    .option('--json', 'as one object');
  const replay = 'run an inquiry again, from its stored tool results, against the model of today';
  add(judge, 'replay', replay, async () => (await load()).judgeReplay)
    .argument(...id)
    .option('--json', 'as one object')
    .addHelpText(
      'after',
      '\nExit code 1 when the two come to different verdicts. No verdict in force changes.',
    );
  const learned = 'the verdicts that stand until they expire, newest first';
  add(judge, 'learned', learned, async () => (await load()).judgeLearned)
    .option('-n, --limit <count>', 'at most so many (default: 1000)', wholeNumber(LEARNED_MAX))
    .option('--json', 'one object a line');
  const forget = 'take a verdict back; the next connection is judged anew';
  add(judge, 'forget', forget, async () => (await load()).judgeForget).argument(
    '<domain>',
    'as `judge learned` shows it',
  );
}

function addAnchor(anchor: Command): void {
  const load = () => import('./anchor.ts');
  const platform = ['--platform <name>', 'darwin or linux (default: this machine)'] as const;
  add(anchor, 'print', 'print what would be loaded', async () => (await load()).anchorPrint).option(
    ...platform,
  );
  add(anchor, 'check', "validate it with the kernel's own tool", async () => (await load()).anchorCheck)
    .option(...platform)
    .option('--json', 'as one object');
  const probe = 'test whether connections are really redirected';
  add(anchor, 'probe', probe, async () => (await load()).anchorProbe).option('--json', 'as one object');
}

function addConfig(config: Command): void {
  const load = () => import('./config.ts');
  const show = 'print every key with the value in force';
  add(config, 'show', show, async () => (await load()).configShow).option('--json', 'as one object');
  add(
    config,
    'check',
    'check the file and the rules beside it',
    async () => (await load()).configCheck,
  ).option('--json', 'as one object');
  add(config, 'schema', 'print the JSON schema of the file', async () => (await load()).configSchemaJson);
}

/** Adds a command that takes the places, and prints and fails as its parent does. */
function add<Args extends unknown[]>(
  parent: Command,
  name: string,
  description: string,
  load?: () => Promise<Action<Args>>,
): Command {
  const command = withPaths(parent.command(name).description(description));
  return load === undefined ? command : command.action(lazily(load));
}

/** An action that is loaded when it runs. Commander gives it the arguments, the command's options, and the command. */
function lazily<Args extends unknown[]>(
  load: () => Promise<Action<Args>>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const action = await load();
    await action(...(given.slice(0, -2) as Args), given.at(-1) as Command);
  };
}
