import type { Command } from 'commander';
import type { Config } from '../config/schema.ts';
import type { JudgeCheck } from '../control/judge-schema.ts';
import { cleanText } from '../model/clean.ts';
import { connectIfRunning } from './connect.ts';
import { checkLines } from './judge-text.ts';
import { configOf, pathsOf } from './options.ts';
import { EXIT, paint, print, printError, printJson } from './print.ts';
import { withWaiting } from './waiting.ts';

const OFF = 'the judge is off (judge.enabled); this is what it could do';

/** `resolagent judge check`: what the configured server can do. Exit code 1 when no inquiry can be made with it. */
export async function judgeCheck(command: Command): Promise<void> {
  const { json } = command.optsWithGlobals<{ json?: true }>();
  const { check, isOff } = (await askEngine(command)) ?? (await tryHere(command));
  if (json === true) {
    if (isOff) printError(OFF);
    printJson(check);
  } else {
    if (isOff) print(`${paint('!', 'warn')} ${OFF}`);
    for (const line of checkLines(check)) print(line);
  }
  process.exitCode = check.usable ? EXIT.done : EXIT.no;
}

interface Checked {
  readonly check: JudgeCheck;
  readonly isOff: boolean;
}

/** The engine's own word, which it also goes by from now on; null when none runs, or its judge is off. */
async function askEngine(command: Command): Promise<Checked | null> {
  const client = await connectIfRunning(pathsOf(command).socket);
  if (client === null) return null;
  try {
    const { judge } = await client.request('status', {});
    if (judge.state === 'off') return null;
    const check = await withWaiting(`trying ${cleanText(judge.model)}`, client.request('judge.check', {}));
    return { check, isOff: false };
  } finally {
    client.close();
  }
}

async function tryHere(command: Command): Promise<Checked> {
  const paths = pathsOf(command);
  const config: Config = configOf(paths);
  const { checkConfigured } = await import('../engine/judge-offline.ts');
  const check = await withWaiting(`trying ${cleanText(config.judge.model)}`, checkConfigured(config, paths));
  return { check, isOff: !config.judge.enabled };
}
