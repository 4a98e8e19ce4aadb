import type { Command } from 'commander';
import type { Paths } from '../config/paths.ts';
import { readRuleFolder } from '../config/rule-folder.ts';
import type { Answer } from '../control/handlers.ts';
import type { UnixMs } from '../model/brand.ts';
import { cleanText } from '../model/clean.ts';
import { type Asked, explain, subjectOf } from '../policy/explain.ts';
import { compileRules } from '../policy/rules/rule-set.ts';
import { parseTarget } from '../policy/target.ts';
import type { Status } from '../schema/status.ts';
import { configOf } from './config-of.ts';
import { withEngineIfRunning } from './engine/connect.ts';
import { pathsOf, wantsJson } from './options.ts';
import { CommandError, EXIT, paint, print, printError, printJson } from './print.ts';
import { printSteps } from './step-lines.ts';

interface ExplainOptions {
  readonly app?: string;
  readonly user?: string;
  readonly offline?: true;
}

/** `resolagent explain`: every step of decide with its evidence. Exit code 1 when the connection would not pass. */
export async function explainTarget(text: string, command: Command): Promise<void> {
  const { app = null, user = null, ...options } = command.opts<ExplainOptions>();
  const target = parseTarget(text);
  if (!target.ok) throw new CommandError(EXIT.usage, target.error);
  if (!/^[^*=/]+$/.test(target.host))
    throw new CommandError(EXIT.usage, `"${text}": explain takes one name or address`);
  const asked: Asked = { target: target.host, port: target.port ?? 443, app, user };
  const live = options.offline === true ? null : await explainByEngine(asked, command);
  if (live === null && options.offline !== true) printError('no engine runs: explained from the files');
  const explanation = live?.explanation ?? (await explainFromFiles(asked, pathsOf(command)));
  if (wantsJson(command)) printJson(explanation);
  else show(explanation, live?.judge ?? null);
  process.exitCode = explanation.effect === 'forward' ? EXIT.done : EXIT.no;
}

/** Null when no engine runs. */
function explainByEngine({ target: host, ...asked }: Asked, command: Command) {
  return withEngineIfRunning(command, async (engine) => ({
    explanation: await engine.request('explain', { host, ...asked }),
    judge: (await engine.request('status', {})).judge,
  }));
}

/** From configuration, lists and saved rules, the way the engine would. */
async function explainFromFiles(asked: Asked, paths: Paths): Promise<Answer<'explain'>> {
  const config = configOf(paths);
  const now = Date.now() as UnixMs;
  // No judge speaks without an engine, so that a domain decides nothing.
  const subject = subjectOf(asked, now, () => null);
  if (!subject.ok) throw new CommandError(EXIT.usage, subject.error);
  const [{ loadLists }, { savedRules }, { offlinePolicy }] = await Promise.all([
    import('../lists/loaded-lists.ts'),
    import('./engine/offline.ts'),
    import('../engine/policy.ts'),
  ]);
  const lists = await loadLists(config.lists, { stateDir: paths.state });
  const rules = compileRules([...(await savedRules(paths)), ...readRuleFolder(paths, now).rules]);
  const policy = offlinePolicy(config, paths.state, rules, lists, printError);
  return explain(subject.value, policy, config.policy, () => false);
}

const EFFECTS = {
  forward: ['passes', 'ok'],
  held: ['is held', 'warn'],
  reset: ['is refused', 'bad'],
  forbidden: ['is refused', 'bad'],
  closed: ['is closed', 'warn'],
} as const;

/** `judge` is how the engine's stands; null without one. */
function show(explanation: Answer<'explain'>, judge: Status['judge'] | null): void {
  const { target, verdict, effect, defaulted, mode, owner } = explanation;
  const [word, tone] = EFFECTS[effect];
  const how = defaulted ? ' by default: nothing decided it' : '';
  print(
    `${target.host ?? target.ip}:${target.port} ${paint(word, tone)}${how} (${verdict.stage}, mode ${mode})`,
  );
  if (owner !== null) print(`  ${cleanText(owner.name)} · ${cleanText(owner.kind)}`);
  printSteps(explanation.steps, judge);
}
