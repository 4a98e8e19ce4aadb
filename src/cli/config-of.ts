import { loadConfig } from '../config/load.ts';
import type { Paths } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import { CommandError, EXIT } from './print.ts';

/** The configuration in force for a command; ends it with every error when the file is bad. */
export function configOf(paths: Paths): Config {
  const loaded = loadConfig(paths.config, paths.configGiven);
  if (!loaded.ok) throw new CommandError(EXIT.usage, loaded.errors.join('\nresolagent: '));
  return loaded.value;
}
