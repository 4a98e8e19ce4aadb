import { resolve } from 'node:path';
import type { Command } from 'commander';
import { cleanText } from '../../model/clean.ts';
import { normalizeHost } from '../../model/host.ts';
import type { ListKind } from '../../policy/lists/kinds.ts';
import type { ListUpdate } from '../../schema/list.ts';
import { CommandError, drawOver, EXIT, print, printJson } from '../print.ts';
import { type ListDoor, openLists } from './door.ts';
import { progressLine, resultLine, statusLines } from './text.ts';

const SHOWN_NAMES = 20;

const wantsJson = (command: Command): boolean => command.optsWithGlobals<{ json?: true }>().json === true;

/** Opens the lists for one task, and closes them however it ends. */
async function withLists<T>(command: Command, task: (lists: ListDoor) => Promise<T>): Promise<T> {
  const lists = await openLists(command);
  try {
    return await task(lists);
  } finally {
    lists.close();
  }
}

/** `resolagent lists status`. */
export async function listsStatus(command: Command): Promise<void> {
  const rows = await withLists(command, (lists) => lists.status());
  if (wantsJson(command)) for (const row of rows) printJson(row);
  else for (const line of statusLines(rows, Date.now())) print(line);
}

/** `resolagent lists enable NAME` and `disable NAME`. */
export function listsSwitch(name: string, on: boolean, command: Command): Promise<void> {
  return withLists(command, (lists) => lists.switchList(name, on));
}

/** `resolagent lists add URL|FILE`. */
export function listsAdd(at: string, command: Command): Promise<void> {
  const { category, name } = command.opts<{ category: ListKind; name?: string }>();
  const isUrl = /^[a-z][a-z0-9+.-]+:\/\//i.test(at);
  return withLists(command, (lists) => lists.add(isUrl ? at : resolve(at), category, name ?? null));
}

/** `resolagent lists remove NAME`. */
export function listsRemove(name: string, command: Command): Promise<void> {
  return withLists(command, (lists) => lists.remove(name));
}

/** `resolagent lists update [NAME…]`: exit code 1 when a source failed or was refused. */
export async function listsUpdate(names: readonly string[], command: Command): Promise<void> {
  const { force } = command.optsWithGlobals<{ force?: true }>();
  const started = new Map<string, number>();
  await withLists(command, (lists) =>
    lists.update(names.length === 0 ? null : names, force === true, {
      onProgress: ({ name, ...progress }) => {
        const now = performance.now();
        if (!started.has(name)) started.set(name, now);
        drawOver(progressLine(name, progress, now - (started.get(name) ?? now)));
      },
      onResult: (result) => {
        drawOver(null);
        if (wantsJson(command)) printJson(result);
        else print(resultLine(result));
        if (isTrouble(result)) process.exitCode = EXIT.no;
      },
    }),
  );
}

const isTrouble = ({ outcome }: ListUpdate): boolean => outcome === 'failed' || outcome === 'refused';

/** `resolagent lists search HOST`: exit code 1 when no list holds it. */
export async function listsSearch(text: string, command: Command): Promise<void> {
  const host = normalizeHost(text);
  if (host === null) throw new CommandError(EXIT.usage, `"${cleanText(text)}" is not a host name`);
  const found = await withLists(command, (lists) => lists.search(host));
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
  const found = await withLists(command, (lists) => lists.diff(name));
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
