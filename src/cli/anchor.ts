import type { Command } from 'commander';
import { configOf } from './config-of.ts';
import { askEngine } from './engine/connect.ts';
import { enforcementText } from './engine/status.ts';
import { pathsOf, wantsJson } from './options.ts';
import { CommandError, EXIT, print, printError, printJson } from './print.ts';

type Platform = 'darwin' | 'linux';

/** `resolagent anchor print`: what would be loaded, on any machine. */
export async function anchorPrint(command: Command): Promise<void> {
  const { renderRules } = await import('../platform/platforms.ts');
  print((await renderRules(platformOf(command), configOf(pathsOf(command)))).trimEnd());
}

/** `resolagent anchor check`: by the kernel's own tool, where this machine has it. */
export async function anchorCheck(command: Command): Promise<void> {
  const platform = platformOf(command);
  const { renderRules, checkRules } = await import('../platform/platforms.ts');
  const checked = await checkRules(platform, await renderRules(platform, configOf(pathsOf(command))));
  if (wantsJson(command)) printJson({ platform, ...checked });
  else if (checked.errors.length === 0) print(`the rules for ${platform} are fine, says ${checked.by}`);
  else for (const error of checked.errors) printError(error);
  if (checked.errors.length > 0) process.exitCode = checked.by === null ? EXIT.cannot : EXIT.no;
}

/** `resolagent anchor probe`: asks the running engine to test its redirect. */
export async function anchorProbe(command: Command): Promise<void> {
  const report = await askEngine(command, 'probe', {});
  if (wantsJson(command)) printJson(report);
  else print(enforcementText(report));
  process.exitCode = report.state === 'enforced' ? EXIT.done : EXIT.no;
}

function platformOf(command: Command): Platform {
  const { platform } = command.optsWithGlobals<{ platform?: string }>();
  const name = platform ?? process.platform;
  if (name !== 'darwin' && name !== 'linux')
    throw new CommandError(EXIT.usage, `--platform ${name}: expected darwin or linux`);
  return name;
}
