import type { Command } from 'commander';
import type { Config } from '../../config/schema.ts';
import { cleanText } from '../../model/clean.ts';
import type { JudgeCheck } from '../../schema/judge.ts';
import { connectIfRunning } from '../engine/connect.ts';
import { configOf, pathsOf } from '../options.ts';
import { EXIT, paint, print, printError, printJson } from '../print.ts';
import { withWaiting } from '../waiting.ts';
import { judgeState } from './state.ts';
import { checkLines } from './text.ts';

const NOT_ASKED = 'this is what it could do';

/** `resolagent judge check`: what the configured server can do. Exit code 1 when no inquiry can be made with it. */
export async function judgeCheck(command: Command): Promise<void> {
  const { json } = command.optsWithGlobals<{ json?: true }>();
  const { check, note } = (await askEngine(command)) ?? (await tryHere(command));
  if (json === true) {
    if (note !== null) printError(note);
    printJson(check);
  } else {
    if (note !== null) print(`${paint('!', 'warn')} ${note}`);
    for (const line of checkLines(check)) print(line);
  }
  process.exitCode = check.usable ? EXIT.done : EXIT.no;
}

interface Checked {
  readonly check: JudgeCheck;
  /** Why the judge is not asked whatever its server can do; null when it is. */
  readonly note: string | null;
}

/** The engine's own word, which it also goes by from now on; null when none runs, or its judge is off. */
async function askEngine(command: Command): Promise<Checked | null> {
  const client = await connectIfRunning(pathsOf(command).socket);
  if (client === null) return null;
  try {
    const { judge } = await client.request('status', {});
    if (judge.state === 'off') return null;
    const check = await withWaiting(`trying ${cleanText(judge.model)}`, client.request('judge.check', {}));
    const note = judge.state === 'out_of_tokens' ? `the judge is ${judgeState(judge)}; ${NOT_ASKED}` : null;
    return { check, note };
  } finally {
    client.close();
  }
}

async function tryHere(command: Command): Promise<Checked> {
  const paths = pathsOf(command);
  const config: Config = configOf(paths);
  const { checkConfigured } = await import('../../judge/desk/check.ts');
  const check = await withWaiting(`trying ${cleanText(config.judge.model)}`, checkConfigured(config, paths));
  const note = config.judge.enabled ? null : `the judge is off (judge.enabled); ${NOT_ASKED}`;
  return { check, note };
}
