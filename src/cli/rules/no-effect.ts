import type { Command } from 'commander';
import { DEFAULTS } from '../../config/defaults.ts';
import type { Rule } from '../../model/rule.ts';
import { parsePattern } from '../../policy/rules/host-pattern.ts';
import { neverSeen } from '../../policy/skip.ts';
import { configOf } from '../config-of.ts';
import { pathsOf } from '../options.ts';

/** Makes the test why a rule can never have an effect, in words; null when it can. */
export function noEffect(command: Command): (rule: Pick<Rule, 'host'>) => string | null {
  const skip = skipOf(command);
  return ({ host }) => {
    const read = parsePattern(host);
    return read.ok && read.pattern.kind === 'range' ? neverSeen(read.pattern.range, skip) : null;
  };
}

function skipOf(command: Command): readonly string[] {
  try {
    return configOf(pathsOf(command)).intercept.skip;
  } catch {
    return DEFAULTS.intercept.skip; // A file that cannot be read is told of by the engine, and keeps nobody from a rule.
  }
}
