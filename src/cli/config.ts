import type { Command } from 'commander';
import { stringify } from 'smol-toml';
import { z } from 'zod';
import { loadConfig } from '../config/load.ts';
import { readRuleFolder } from '../config/rule-folder.ts';
import { configSchema } from '../config/schema.ts';
import type { UnixMs } from '../model/brand.ts';
import { configOf } from './config-of.ts';
import { pathsOf, wantsJson } from './options.ts';
import { CommandError, EXIT, print, printJson } from './print.ts';

/** `resolagent config show`: what is in force, as a file that could be used. */
export function configShow(command: Command): void {
  const paths = pathsOf(command);
  const config = configOf(paths);
  if (wantsJson(command)) printJson(config);
  else print(`# ${paths.config}, with every default filled in\n${stringify(config).trimEnd()}`);
}

/**
 * `resolagent config check`: exit code 1 and one line an error, or 0. With `--json` one object: the file, the errors, and how many rules
 * stand in rules.d.
 */
export function configCheck(command: Command): void {
  const paths = pathsOf(command);
  const config = loadConfig(paths.config, paths.configGiven);
  const rules = readRuleFolder(paths, Date.now() as UnixMs);
  const errors = [...(config.ok ? [] : config.errors), ...rules.errors];
  if (wantsJson(command)) {
    printJson({ file: paths.config, errors, rules: rules.rules.length });
    if (errors.length > 0) process.exitCode = EXIT.no;
    return;
  }
  if (errors.length > 0) throw new CommandError(EXIT.no, errors.join('\nresolagent: '));
  print(
    `${paths.config}: no errors${rules.rules.length === 0 ? '' : `; ${rules.rules.length} rules in rules.d`}`,
  );
}

/** `resolagent config schema`: for editors. */
export function configSchemaJson(): void {
  print(JSON.stringify(z.toJSONSchema(configSchema, { io: 'input' }), null, 2));
}
