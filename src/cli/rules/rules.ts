import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parseRuleFile, renderRuleFile } from '../../config/rule-file.ts';
import type { Rule } from '../../model/rule.ts';
import { describeRule } from '../../policy/rules/text.ts';
import { askEngine, askEngineOrFiles } from '../engine/connect.ts';
import { wantsJson } from '../options.ts';
import { CommandError, EXIT, print, printEach, printError } from '../print.ts';
import { noEffect } from './no-effect.ts';

/** `resolagent rules list`. */
export async function rulesList(command: Command): Promise<void> {
  const why = noEffect(command);
  const nothingBy = (rule: Rule): string => {
    const nothing = why(rule);
    return nothing === null ? '' : `  (no effect: ${nothing})`;
  };
  await printEach(
    await currentRules(command),
    wantsJson(command),
    (rule) =>
      `${rule.id}  ${describeRule(rule)}${rule.note === null ? '' : `  (${rule.note})`}${nothingBy(rule)}`,
    "no rules; make one with 'resolagent block example.com'",
  );
}

/** `resolagent rules remove ID`. */
export async function rulesRemove(id: string, command: Command): Promise<void> {
  const answer = await askEngine(command, 'rules.remove', { rule: id });
  for (const rule of answer.rules) print(`removed: ${describeRule(rule)}`);
  if (!answer.saved)
    printError('the rule is gone now, but the engine could not write that: it is back after a restart');
}

/** `resolagent rules import FILE`: all of the file's rules or, when one is bad, none. */
export async function rulesImport(file: string, command: Command): Promise<void> {
  const read = parseRuleFile(readText(file), file === '-' ? 'standard input' : file);
  if (!read.ok) throw new CommandError(EXIT.usage, read.errors.join('\nresolagent: '));
  if (read.value.length === 0) {
    print('the file holds no rules');
    return;
  }
  const answer = await askEngine(command, 'rules.add', {
    origin: 'import',
    rules: read.value.map(({ rule }) => rule),
  });
  print(`${answer.rules.length} rules imported`);
  if (!answer.saved)
    printError('the rules are in force, but the engine could not write them: they are gone after a restart');
}

/** `resolagent rules export`: rules of rules.d are left out, because they stand in files already. */
export async function rulesExport(command: Command): Promise<void> {
  const rules = await currentRules(command);
  print(renderRuleFile(rules.filter((rule) => rule.origin !== 'file')).trimEnd());
}

async function currentRules(command: Command): Promise<readonly Rule[]> {
  return (await askEngineOrFiles(command, 'rules.list', {})).rules;
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new CommandError(
      EXIT.usage,
      `${file}: cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
    );
  }
}
