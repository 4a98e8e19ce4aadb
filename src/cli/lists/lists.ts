import { resolve } from 'node:path';
import type { Command } from 'commander';
import { cleanText } from '../../model/clean.ts';
import { normalizeHost } from '../../model/host.ts';
import type { ListKind } from '../../policy/lists/kinds.ts';
import type { ListProgress } from '../../schema/list.ts';
import { askEngineOrFiles, withEngineOrFiles } from '../engine/connect.ts';
import { wantsJson } from '../options.ts';
import { CommandError, drawOver, EXIT, print, printEach, printJson } from '../print.ts';
import { progressLine, resultLine, statusLines } from './text.ts';

const SHOWN_NAMES = 20;

/** `resolagent lists status`. */
export async function listsStatus(command: Command): Promise<void> {
  const { lists } = await askEngineOrFiles(command, 'lists.status', {});
  if (wantsJson(command)) for (const list of lists) printJson(list);
  else for (const line of statusLines(lists, Date.now())) print(line);
}

/** `resolagent lists enable NAME` and `disable NAME`. */
export async function listsSwitch(name: string, command: Command): Promise<void> {
  await askEngineOrFiles(command, 'lists.switch', { name, on: command.name() === 'enable' });
}

/** `resolagent lists add URL|FILE`. */
export async function listsAdd(at: string, command: Command): Promise<void> {
  const { category, name = null } = command.opts<{ category: ListKind; name?: string }>();
  const isUrl = /^[a-z][a-z0-9+.-]+:\/\//i.test(at);
  await askEngineOrFiles(command, 'lists.add', { at: isUrl ? at : resolve(at), category, name });
}

/** `resolagent lists remove NAME`. */
export async function listsRemove(name: string, command: Command): Promise<void> {
  await askEngineOrFiles(command, 'lists.remove', { name });
}

/** `resolagent lists update [NAME…]`: exit code 1 when a source failed or was refused. */
export async function listsUpdate(names: string[], command: Command): Promise<void> {
  const { force = false } = command.opts<{ force?: true }>();
  const draw = progressDrawer();
  await withEngineOrFiles(command, async (engine) => {
    engine.onEvent((event) => {
      if (event.event === 'list_progress') draw(event.progress);
      if (event.event !== 'list_updated') return;
      drawOver(null);
      const { result } = event;
      if (wantsJson(command)) printJson(result);
      else print(resultLine(result));
      if (result.outcome === 'failed' || result.outcome === 'refused') process.exitCode = EXIT.no;
    });
    await engine.request('lists.update', { names: names.length === 0 ? null : names, force });
  });
}

/** Draws each download with the rate since its first sign. */
function progressDrawer(): (progress: ListProgress) => void {
  const started = new Map<string, number>();
  return ({ name, ...progress }) => {
    const now = performance.now();
    const since = started.get(name) ?? now;
    started.set(name, since);
    drawOver(progressLine(name, progress, now - since));
  };
}

/** `resolagent lists search HOST`: exit code 1 when no list holds it. */
export async function listsSearch(text: string, command: Command): Promise<void> {
  const host = normalizeHost(text);
  if (host === null) throw new CommandError(EXIT.usage, `"${cleanText(text)}" is not a host name`);
  const { hits } = await askEngineOrFiles(command, 'lists.search', { host });
  await printEach(
    hits,
    wantsJson(command),
    ({ entry, list, line, category, on }) =>
      `${entry}  ${list}, line ${line} (${category}, ${on ? 'on' : 'off'})`,
    'no list holds it',
  );
  if (hits.length === 0) process.exitCode = EXIT.no;
}

/** `resolagent lists diff NAME`. */
export async function listsDiff(name: string, command: Command): Promise<void> {
  const found = await askEngineOrFiles(command, 'lists.diff', { name });
  if (wantsJson(command)) return printJson(found);
  for (const [sign, { names, count }] of [
    ['+', found.added],
    ['-', found.removed],
  ] as const) {
    const shown = names.slice(0, SHOWN_NAMES);
    for (const host of shown) print(`${sign} ${host}`);
    if (count > SHOWN_NAMES) print(`${sign} and ${count - shown.length} more`);
  }
}
