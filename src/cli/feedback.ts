import type { Command } from 'commander';
import { cleanText } from '../model/clean.ts';
import { askEngine } from './engine/connect.ts';
import { wantsJson } from './options.ts';
import { CommandError, EXIT, print, printEach } from './print.ts';

/** `resolagent scores feedback list`. */
export async function feedbackList(command: Command): Promise<void> {
  const { examples } = await askEngine(command, 'feedback.list', {});
  await printEach(
    examples,
    wantsJson(command),
    ({ host, said, at }) => `${new Date(at).toISOString()}  ${said}  ${cleanText(host)}`,
    'your overrides have taught the scores nothing yet',
  );
}

/** `resolagent scores feedback forget HOST`. Exit code 1 when nothing was said of it. */
export async function feedbackForget(host: string, command: Command): Promise<void> {
  const { forgotten } = await askEngine(command, 'feedback.forget', { host });
  if (!forgotten) throw new CommandError(EXIT.no, `nothing was said of ${cleanText(host)}`);
  print(`${cleanText(host)} moves no score any more; rules stay as they are`);
}

/** `resolagent scores feedback reset`. */
export async function feedbackReset(command: Command): Promise<void> {
  const { forgotten } = await askEngine(command, 'feedback.reset', {});
  print(`${forgotten} overrides no longer move scores; rules stay as they are`);
}
