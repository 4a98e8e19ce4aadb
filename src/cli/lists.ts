import type { Command } from 'commander';
import { loadLists } from '../lists/host-lists.ts';
import { ListControl } from '../lists/list-control.ts';
import type { UpdateResult } from '../lists/update-job.ts';
import { cleanText } from '../model/clean.ts';
import type { ListKind } from '../policy/list-kinds.ts';
import { connectIfRunning } from './connect.ts';
import { progressLine, resultLine, statusLines } from './lists-text.ts';
import { configOf, pathsOf } from './options.ts';
import { CommandError, drawOver, EXIT, print, printError, printJson } from './print.ts';

const SHOWN_NAMES = 20;

async function open(command: Command): Promise<ListControl> {
  const paths = pathsOf(command);
  return new ListControl(await loadLists(configOf(paths).lists, { stateDir: paths.state }));
}

const wantsJson = (command: Command): boolean => command.optsWithGlobals<{ json?: true }>().json === true;

/** `resolagent lists status`. */
export async function listsStatus(command: Command): Promise<void> {
  const rows = (await open(command)).status();
  if (wantsJson(command)) for (const row of rows) printJson(row);
  else for (const line of statusLines(rows, Date.now())) print(line);
}

/** `resolagent lists enable NAME` and `disable NAME`. */
export function listsSwitch(name: string, on: boolean, command: Command): Promise<void> {
  return change(command, (lists) => lists.switchList(name, on));
}

/** `resolagent lists add URL|FILE`. */
export function listsAdd(at: string, command: Command): Promise<void> {
  const { category, name } = command.opts<{ category: ListKind; name?: string }>();
  return change(command, (lists) => lists.add({ at, category, ...(name === undefined ? {} : { name }) }));
}

/** `resolagent lists remove NAME`. */
export function listsRemove(name: string, command: Command): Promise<void> {
  return change(command, (lists) => lists.remove(name));
}

async function change(
  command: Command,
  make: (lists: ListControl) => ReturnType<ListControl['remove']>,
): Promise<void> {
  const done = await make(await open(command));
  if (!done.ok) throw new CommandError(EXIT.no, done.error);
  await tellEngine(command);
}

/** `resolagent lists update [NAME…]`: exit code 1 when a source failed or was refused. */
export async function listsUpdate(names: readonly string[], command: Command): Promise<void> {
  const { force } = command.optsWithGlobals<{ force?: true }>();
  const started = new Map<string, number>();
  const results = await (await open(command)).update({
    names: names.length === 0 ? null : names,
    force: force === true,
    onProgress: (name, progress) => {
      const now = performance.now();
      if (!started.has(name)) started.set(name, now);
      drawOver(progressLine(name, progress, now - (started.get(name) ?? now)));
    },
    onResult: (result) => {
      drawOver(null);
      if (wantsJson(command)) printJson(result);
      else print(resultLine(result));
    },
  });
  if (results.some((result) => result.outcome === 'updated')) await tellEngine(command);
  if (results.some(isTrouble)) process.exitCode = EXIT.no;
}

const isTrouble = (result: UpdateResult): boolean =>
  result.outcome === 'failed' || result.outcome === 'refused';

/** `resolagent lists search HOST`: exit code 1 when no list holds it. */
export async function listsSearch(text: string, command: Command): Promise<void> {
  const found = (await open(command)).search(text);
  if (found === null) throw new CommandError(EXIT.usage, `"${cleanText(text)}" is not a host name`);
  for (const hit of found) {
    if (wantsJson(command)) printJson(hit);
    else print(`${hit.entry}  ${hit.list}, line ${hit.line} (${hit.category}, ${hit.on ? 'on' : 'off'})`);
  }
  if (found.length > 0) return;
  if (!wantsJson(command)) print('no list holds it');
  process.exitCode = EXIT.no;
}

/** `resolagent lists diff NAME`. */
export async function listsDiff(name: string, command: Command): Promise<void> {
  const found = (await open(command)).diff(name);
  if (found === null)
    throw new CommandError(EXIT.no, `there is no record of an update of ${cleanText(name)}`);
  if (wantsJson(command)) {
    printJson(found);
    return;
  }
  for (const [sign, side] of [
    ['+', found.added],
    ['-', found.removed],
  ] as const) {
    for (const host of side.names.slice(0, SHOWN_NAMES)) print(`${sign} ${host}`);
    if (side.count > SHOWN_NAMES)
      print(`${sign} and ${side.count - Math.min(SHOWN_NAMES, side.names.length)} more`);
  }
}

/** A running engine holds its lists in memory. */
async function tellEngine(command: Command): Promise<void> {
  const client = await connectIfRunning(pathsOf(command).socket);
  if (client === null) return;
  client.close();
  printError('the running engine takes this in when it next reads its lists');
}
