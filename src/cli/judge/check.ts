import type { Command } from 'commander';
import { judgeState } from '../../../tui/words/judge.ts';
import { cleanText } from '../../model/clean.ts';
import type { JudgeCheck } from '../../schema/judge.ts';
import { configOf } from '../config-of.ts';
import { withEngineIfRunning } from '../engine/connect.ts';
import { pathsOf, wantsJson } from '../options.ts';
import { EXIT, paint, print, printError, printJson, withWaiting } from '../print.ts';
import { checkLines } from './text.ts';

/** `resolagent judge check`: what the configured server can do. Exit code 1 when no inquiry can be made with it. */
export async function judgeCheck(command: Command): Promise<void> {
  const json = wantsJson(command);
  const { check, idle } = (await checkByEngine(command)) ?? (await checkHere(command));
  const note = idle === null ? null : `the judge is ${idle}; this is what it could do`;
  if (note !== null && json) printError(note);
  if (note !== null && !json) print(`${paint('!', 'warn')} ${note}`);
  if (json) printJson(check);
  else for (const line of checkLines(check)) print(line);
  process.exitCode = check.usable ? EXIT.done : EXIT.no;
}

interface Checked {
  readonly check: JudgeCheck;
  /** Why the judge is not asked whatever its server can do; null when it is. */
  readonly idle: string | null;
}

/** The engine's own word, which it also goes by from now on; null when none runs, or its judge is off. */
function checkByEngine(command: Command): Promise<Checked | null> {
  return withEngineIfRunning(command, async (engine) => {
    const { judge } = await engine.request('status', {});
    if (judge.state === 'off') return null;
    const check = await withWaiting(`trying ${cleanText(judge.model)}`, engine.request('judge.check', {}));
    return { check, idle: judge.state === 'out_of_tokens' ? judgeState(judge) : null };
  });
}

async function checkHere(command: Command): Promise<Checked> {
  const paths = pathsOf(command);
  const config = configOf(paths);
  const { checkConfigured } = await import('../../judge/desk/check.ts');
  const check = await withWaiting(`trying ${cleanText(config.judge.model)}`, checkConfigured(config, paths));
  return { check, idle: config.judge.enabled ? null : 'off (judge.enabled)' };
}
