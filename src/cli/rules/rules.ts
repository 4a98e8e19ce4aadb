import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parseRuleFile, renderRuleFile } from '../../config/rule-file.ts';
import type { Rule } from '../../model/rule.ts';
import { describeRule } from '../../policy/rules/text.ts';
import { connectIfRunning, connectOrExplain } from '../engine/connect.ts';
import { savedRules } from '../explain.ts';
import { pathsOf } from '../options.ts';
import { CommandError, EXIT, print, printError, printJson } from '../print.ts';

/** `resolagent rules list`. */
export async function rulesList(command: Command): Promise<void> {
  const { json } = command.optsWithGlobals<{ json?: true }>();
  const rules = await currentRules(command);
  if (json === true) for (const rule of rules) printJson(rule);
  else if (rules.length === 0) print("no rules; make one with 'resolagent block example.com'");
  else
    for (const rule of rules)
      print(`${rule.id}  ${describeRule(rule)}${rule.note === null ? '' : `  (${rule.note})`}`);
}

/** `resolagent rules remove ID`. */
export async function rulesRemove(id: string, command: Command): Promise<void> {
  const client = await connectOrExplain(pathsOf(command).socket);
  const answer = await client.request('rules.remove', { rule: id });
  client.close();
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
  const client = await connectOrExplain(pathsOf(command).socket);
  const answer = await client.request('rules.add', {
    origin: 'import',
    rules: read.value.map(({ rule }) => rule),
  });
  client.close();
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
  const paths = pathsOf(command);
  const client = await connectIfRunning(paths.socket);
  if (client === null) return (await savedRules(paths)).map(({ rule }) => rule);
  const { rules } = await client.request('rules.list', {});
  client.close();
  return rules;
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
