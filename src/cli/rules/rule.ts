import type { Command } from 'commander';
import { countOf } from '../../../tui/draw/format.ts';
import { describeRule } from '../../policy/rules/text.ts';
import { parseTarget } from '../../policy/target.ts';
import { askEngine } from '../engine/connect.ts';
import { CommandError, EXIT, printEach, printError } from '../print.ts';
import { noEffect } from './no-effect.ts';

interface RuleOptions {
  readonly app?: string;
  readonly user?: string;
  readonly port?: number;
  readonly for?: number;
  readonly note?: string;
  readonly json?: true;
}

/** `resolagent allow|block TARGET`: a rule from now on. */
export async function makeRule(text: string, command: Command): Promise<void> {
  const action = command.name() === 'allow' ? 'allow' : 'block';
  const options = command.optsWithGlobals<RuleOptions>();
  const target = parseTarget(text);
  if (!target.ok) throw new CommandError(EXIT.usage, target.error);
  if (target.port !== null && options.port !== undefined && target.port !== options.port) {
    throw new CommandError(
      EXIT.usage,
      `"${text}" names port ${target.port} and --port ${options.port}: which?`,
    );
  }
  const answer = await askEngine(command, 'rules.add', {
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
  const why = noEffect(command);
  for (const rule of answer.rules) {
    const nothing = why(rule);
    if (nothing !== null) printError(`this rule has no effect: ${nothing}`);
  }
  const reset = answer.resetFlows === 0 ? '' : `; ${countOf(answer.resetFlows, 'open connection')} reset`;
  await printEach(answer.rules, options.json === true, (rule) => `${rule.id}  ${describeRule(rule)}${reset}`);
  if (!answer.saved)
    printError('the rule is in force, but the engine could not write it: it is gone after a restart');
}
