import type { Command } from 'commander';
import { oldestContent } from '../../../tui/words/lists.ts';
import { offloadTrouble } from '../../../tui/words/offload.ts';
import { startWords } from '../../control/client-error.ts';
import { cleanText } from '../../model/clean.ts';
import type { Status } from '../../schema/status.ts';
import { judgeLines } from '../judge/state.ts';
import { durationText } from '../lists/text.ts';
import { pathsOf, wantsJson } from '../options.ts';
import { EXIT, paint, print, printJson } from '../print.ts';
import { withEngineIfRunning } from './connect.ts';

/** `resolagent status`. Exit code 0 when an engine runs and the kernel sends it connections, else 1. */
export async function status(command: Command): Promise<void> {
  const { socket } = pathsOf(command);
  const json = wantsJson(command);
  const report = await withEngineIfRunning(command, (engine) => engine.request('status', {}));
  process.exitCode = report === null || report.enforcement.state === 'not_enforced' ? EXIT.no : EXIT.done;
  if (json) printJson(report === null ? { running: false, socket } : { running: true, ...report });
  else if (report === null) print(`no engine runs on ${socket}; ${startWords()}`);
  else show(report);
}

const ENFORCEMENT = {
  enforced: ['enforced: the last probe came through the kernel', 'ok'],
  not_enforced: ['NOT ENFORCED', 'bad'],
  no_route: ['offline: nothing to test with', 'warn'],
  unknown: ['not tested yet', 'warn'],
} as const;

/** What the last probe met, in a few words. */
export function enforcementText({ state, detail }: Status['enforcement']): string {
  return `${state.replace('_', ' ')}${detail === null ? '' : `: ${detail}`}`;
}

function show(report: Status): void {
  const { version, pid, memoryMb, mode, unattended, failMode, guardRunning } = report;
  const { proxy, enforcement, interference, counts, decisionUs, connectUs, ledger, loopLagMs, config } =
    report;
  const [text, tone] = ENFORCEMENT[enforcement.state];
  const detail = enforcement.detail === null ? '' : ` (${enforcement.detail})`;
  const noWatchdog =
    failMode === 'open' && !guardRunning ? paint(' (the watchdog is not running)', 'bad') : '';
  const written = ledger.error === null ? ledger.state : `${ledger.state}: ${ledger.error}`;
  printFact(
    'engine',
    `${version}, pid ${pid}, since ${new Date(report.startedAt).toISOString()}, ${memoryMb} MB`,
  );
  printFact('kernel', paint(text + detail, tone), ...interferenceLines(interference));
  if (proxy.port !== proxy.configured && proxy.port !== 0)
    printFact('port', paint(`${proxy.port}: another program held ${proxy.configured} (proxy.port)`, 'warn'));
  printFact('mode', `${mode}; undecided: ${unattended}; when the engine dies: ${failMode}${noWatchdog}`);
  printFact(
    'connections',
    `${counts.total} in all: ${counts.allowed} allowed, ${counts.blocked} refused; ${counts.defaulted} by default; ${counts.open} open, ${counts.held} held`,
    ...unseenLines(counts),
  );
  printFact(
    'decision',
    `${percentiles(decisionUs)}; connect ${percentiles(connectUs)}; loop lag p99 ${loopLagMs.p99} ms, max ${loopLagMs.max} ms`,
  );
  printFact(
    'ledger',
    `${paint(written, ledger.state === 'ok' ? 'ok' : 'bad')}, ${ledger.queued} waiting, ${ledger.lost} lost; ${ledger.path}`,
  );
  const trouble = offloadTrouble(report.offload);
  if (trouble !== null) printFact('offload', paint(trouble, 'bad'));
  printFact('rules', String(report.rules));
  printFact('judge', ...judgeLines(report.judge));
  printFact('lists', ...listLines(report.lists));
  if (config.error !== null) printFact('config', paint(config.error, 'bad'));
}

function unseenLines({ goneBeforeAccept: gone, turnedAway }: Status['counts']): readonly string[] {
  const lines = [];
  if (gone > 0) lines.push(`${gone} given up by their programs before they were accepted (in no log)`);
  if (turnedAway !== null && turnedAway > 0)
    lines.push(paint(`${turnedAway} times too many waited to be accepted: turned away (in no log)`, 'warn'));
  return lines;
}

function interferenceLines(interference: Status['interference']): readonly string[] {
  if (interference === null) return [];
  const { times, at, by } = interference;
  const how = times === 1 ? 'once' : `${times} times, the last`;
  const text = `others changed or removed the rules ${how} at ${new Date(at).toISOString()}, ${cleanText(by)}; they were put back`;
  return [paint(text, 'warn')];
}

/** The lines of one fact, its name before the first. */
function printFact(name: string, ...lines: readonly string[]): void {
  for (const [i, line] of lines.entries()) print(`${(i === 0 ? name : '').padEnd(12)}${line}`);
}

/** One line about all of them, and one each about those in trouble; `lists status` shows them one by one. */
function listLines(lists: Status['lists']): readonly string[] {
  const on = lists.filter((list) => list.on);
  const { at, downloads } = oldestContent(lists);
  const age = at === null ? '' : `, ${durationText(Date.now() - at)} old`;
  const entries = on.reduce((sum, list) => sum + list.entries, 0);
  const what = `${downloads > 0 ? downloads : 'none'} of them downloaded`;
  // A file that cannot be read is not on; a source that is off troubles nobody.
  const troubled = lists.filter((list) => list.error !== null && (list.on || list.url === null));
  return [
    `${on.length} of ${lists.length} on, ${what}${age}: ${entries} entries`,
    ...troubled.map(({ name, error }) => `${cleanText(name)}: ${paint(cleanText(error ?? ''), 'warn')}`),
  ];
}

function percentiles({ p50, p99 }: Status['decisionUs']): string {
  const us = (value: number | null): string => (value === null ? '–' : `${Math.round(value)} µs`);
  return `p50 ${us(p50)}, p99 ${us(p99)}`;
}
