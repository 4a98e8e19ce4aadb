import type { Command } from 'commander';
import { cleanText } from '../model/clean.ts';
import { connectOrExplain } from './engine/connect.ts';
import { pathsOf } from './options.ts';
import { CommandError, EXIT, print, printJson } from './print.ts';

/** `resolagent scores feedback list`. */
export async function feedbackList(command: Command): Promise<void> {
  const { json } = command.optsWithGlobals<{ json?: true }>();
  const client = await connectOrExplain(pathsOf(command).socket);
  const { examples } = await client.request('feedback.list', {});
  client.close();
  if (json === true) for (const example of examples) printJson(example);
  else if (examples.length === 0) print('your overrides have taught the scores nothing yet');
  else
    for (const { host, said, at } of examples)
      print(`${new Date(at).toISOString()}  ${said}  ${cleanText(host)}`);
}

/** `resolagent scores feedback forget HOST`. Exit code 1 when nothing was said of it. */
export async function feedbackForget(host: string, command: Command): Promise<void> {
  const client = await connectOrExplain(pathsOf(command).socket);
  const { forgotten } = await client.request('feedback.forget', { host });
  client.close();
  if (!forgotten) throw new CommandError(EXIT.no, `nothing was said of ${cleanText(host)}`);
  print(`${cleanText(host)} moves no score any more; rules stay as they are`);
}

/** `resolagent scores feedback reset`. */
export async function feedbackReset(command: Command): Promise<void> {
  const client = await connectOrExplain(pathsOf(command).socket);
  const { forgotten } = await client.request('feedback.reset', {});
  client.close();
  print(`${forgotten} overrides no longer move scores; rules stay as they are`);
}
