import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import type { Paths } from '../config/paths.ts';
import { loadRuleFolder } from '../config/rule-file.ts';
import type { Config } from '../config/schema.ts';
import type { UnixMs } from '../model/brand.ts';
import { cleanText } from '../model/clean.ts';
import { explain, subjectOf } from '../policy/explain.ts';
import { compileRules } from '../policy/rules/rule-set.ts';
import type { CheckedRule } from '../policy/rules/text.ts';
import { parseTarget } from '../policy/target.ts';
import type { Explanation, StepReport } from '../schema/explanation.ts';
import type { Status } from '../schema/status.ts';
import { connectIfRunning } from './engine/connect.ts';
import { judgeState } from './judge/state.ts';
import { configOf, pathsOf } from './options.ts';
import { CommandError, EXIT, paint, print, printError, printJson } from './print.ts';

interface ExplainOptions {
  readonly app?: string;
  readonly user?: string;
  readonly offline?: true;
  readonly json?: true;
}

/** `resolagent explain`: every step of decide with its evidence. Exit code 1 when the connection would not pass. */
export async function explainTarget(text: string, command: Command): Promise<void> {
  const options = command.optsWithGlobals<ExplainOptions>();
  const target = parseTarget(text);
  if (!target.ok) throw new CommandError(EXIT.usage, target.error);
  if (!/^[^*=/]+$/.test(target.host))
    throw new CommandError(EXIT.usage, `"${text}": explain takes one name or address`);
  const ask = {
    host: target.host,
    port: target.port ?? 443,
    app: options.app ?? null,
    user: options.user ?? null,
  };
  const paths = pathsOf(command);
  const client = options.offline === true ? null : await connectIfRunning(paths.socket);
  if (client === null && options.offline !== true) printError('no engine runs: explained from the files');
  const explanation = client === null ? await offline(ask, paths) : await client.request('explain', ask);
  if (options.json === true) printJson(explanation);
  else show(explanation, client === null ? null : (await client.request('status', {})).judge);
  client?.close();
  process.exitCode = explanation.effect === 'forward' ? EXIT.done : EXIT.no;
}

/** From configuration, lists and saved rules, the way the engine would. */
async function offline(
  ask: { host: string; port: number; app: string | null; user: string | null },
  paths: Paths,
): Promise<Explanation> {
  const config: Config = configOf(paths);
  const now = Date.now() as UnixMs;
  // No judge speaks without an engine, so that a domain decides nothing.
  const asked = subjectOf({ ...ask, target: ask.host }, now, () => null);
  if (!asked.ok) throw new CommandError(EXIT.usage, asked.error);
  const { loadLists } = await import('../lists/loaded-lists.ts');
  const lists = await loadLists(config.lists, { stateDir: paths.state });
  const rules = compileRules([
    ...(await savedRules(paths)),
    ...loadRuleFolder(join(dirname(paths.config), 'rules.d'), now).rules,
  ]);
  const { offlinePolicy } = await import('../engine/policy.ts');
  const policy = offlinePolicy(config, paths.state, rules, lists, printError);
  return explain(asked.value, policy, config.policy, () => false);
}

/** The saved rules, without an engine; none when none were ever made. */
export async function savedRules(paths: Paths): Promise<readonly CheckedRule[]> {
  const { readSavedRules } = await import('../rules/saved-rules.ts');
  const saved = readSavedRules(paths.state);
  if (!saved.ok) throw new CommandError(EXIT.cannot, saved.error);
  if (saved.notice !== null) printError(saved.notice);
  return saved.rules;
}

const OUTCOME = { won: '→', would: ' ', passed: ' ', off: ' ' } as const;

/** `judge` is how the engine's stands; null without one. */
function show(explanation: Explanation, judge: Status['judge'] | null): void {
  const { target, verdict, effect, defaulted, mode } = explanation;
  const pass = effect === 'forward';
  const word = paint(
    pass ? 'passes' : effect === 'held' ? 'is held' : 'is refused',
    pass ? 'ok' : effect === 'held' ? 'warn' : 'bad',
  );
  print(
    `${target.host ?? target.ip}:${target.port} ${word}${defaulted ? ' by default: nothing decided it' : ''} (${verdict.stage}, mode ${mode})`,
  );
  if (explanation.owner !== null)
    print(`  ${cleanText(explanation.owner.name)} · ${cleanText(explanation.owner.kind)}`);
  for (const step of explanation.steps) {
    const said =
      step.kind === null ? step.outcome : step.outcome === 'would' ? `would ${step.kind}` : step.kind;
    const line = `${OUTCOME[step.outcome]} ${step.stage.padEnd(10)} ${said.padEnd(12)}`;
    const [first, ...rest] = textsOf(step, judge);
    print(
      step.outcome === 'won'
        ? paint(`${line} ${first ?? ''}`, 'bold')
        : paint(`${line} ${first ?? ''}`, 'dim'),
    );
    for (const text of rest) print(paint(`${' '.repeat(26)}${text}`, 'dim'));
  }
}

/** What a step said; and of the judge, where its words can be read, or why it has none. */
function textsOf({ stage, outcome, evidence }: StepReport, judge: Status['judge'] | null): readonly string[] {
  const texts = evidence.map((item) => item.text);
  const inquiry = evidence.find((item) => item.kind === 'judge')?.inquiry;
  if (inquiry !== undefined && outcome !== 'would')
    return [...texts, `resolagent judge show ${inquiry} tells all of it`];
  if (judge === null && (stage === 'cache' || stage === 'judge'))
    return [...texts, 'only a running engine can tell'];
  const isSilent = stage === 'judge' && texts.length === 0 && (outcome === 'passed' || outcome === 'off');
  return isSilent && judge !== null && judge.state !== 'ready' ? [...texts, judgeState(judge)] : texts;
}
