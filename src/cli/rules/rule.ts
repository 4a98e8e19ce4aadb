import type { Command } from 'commander';
import { describeRule } from '../../policy/rules/text.ts';
import { parseTarget } from '../../policy/target.ts';
import { connectOrExplain } from '../engine/connect.ts';
import { pathsOf } from '../options.ts';
import { CommandError, EXIT, print, printError, printJson } from '../print.ts';

interface RuleOptions {
  readonly app?: string;
  readonly user?: string;
  readonly port?: number;
  readonly for?: number;
  readonly note?: string;
  readonly json?: true;
}

/** `resolagent allow|block TARGET`: a rule from now on. */
export async function makeRule(action: 'allow' | 'block', text: string, command: Command): Promise<void> {
  const options = command.optsWithGlobals<RuleOptions>();
  const target = parseTarget(text);
  if (!target.ok) throw new CommandError(EXIT.usage, target.error);
  if (target.port !== null && options.port !== undefined && target.port !== options.port) {
    throw new CommandError(
      EXIT.usage,
      `"${text}" names port ${target.port} and --port ${options.port}: which?`,
    );
  }
  const client = await connectOrExplain(pathsOf(command).socket);
  const answer = await client.request('rules.add', {
    origin: 'command',
    rules: [
      {
        action,
        host: target.host,
        port: target.port ?? options.port ?? null,
        app: options.app ?? null,
        user: options.user ?? null,
        until: options.for === undefined ? null : Date.now() + options.for,
        note: options.note ?? null,
      },
    ],
  });
  client.close();
  for (const rule of answer.rules) {
    if (options.json === true) printJson(rule);
    else print(`${rule.id}  ${describeRule(rule)}${resetText(answer.resetFlows)}`);
  }
  if (!answer.saved)
    printError('the rule is in force, but the engine could not write it: it is gone after a restart');
}

function resetText(count: number): string {
  return count === 0 ? '' : `; ${count} open connection${count === 1 ? '' : 's'} reset`;
}
