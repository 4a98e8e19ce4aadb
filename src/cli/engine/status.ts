import type { Command } from 'commander';
import { cleanText } from '../../model/clean.ts';
import type { Status } from '../../schema/status.ts';
import { judgeLines } from '../judge/state.ts';
import { durationText } from '../lists/text.ts';
import { pathsOf } from '../options.ts';
import { EXIT, paint, print, printJson } from '../print.ts';
import { connectIfRunning } from './connect.ts';

/** `resolagent status`. Exit code 0 when an engine runs and the kernel sends it connections, else 1. */
export async function status(command: Command): Promise<void> {
  const { json } = command.optsWithGlobals<{ json?: true }>();
  const paths = pathsOf(command);
  const client = await connectIfRunning(paths.socket);
  if (client === null) {
    if (json === true) printJson({ running: false, socket: paths.socket });
    else print(`no engine runs on ${paths.socket}; start one with 'sudo resolagent'`);
    process.exitCode = EXIT.no;
    return;
  }
  const report = await client.request('status', {});
  client.close();
  if (json === true) printJson({ running: true, ...report });
  else show(report);
  process.exitCode = report.enforcement.state === 'not_enforced' ? EXIT.no : EXIT.done;
}

const INDENT = ' '.repeat(12);

const ENFORCEMENT = {
  enforced: ['enforced: the last probe came through the kernel', 'ok'],
  not_enforced: ['NOT ENFORCED', 'bad'],
  no_route: ['offline: nothing to test with', 'warn'],
  unknown: ['not tested yet', 'warn'],
} as const;

function show(report: Status): void {
  const [text, tone] = ENFORCEMENT[report.enforcement.state];
  const detail = report.enforcement.detail === null ? '' : ` (${report.enforcement.detail})`;
  const { counts, decisionUs, connectUs, ledger, loopLagMs } = report;
  print(
    `engine      ${report.version}, pid ${report.pid}, since ${new Date(report.startedAt).toISOString()}, ${report.memoryMb} MB`,
  );
  print(`kernel      ${paint(text + detail, tone)}`);
  print(
    `mode        ${report.mode}; undecided: ${report.unattended}; when the engine dies: ${report.failMode}${watchdogText(report)}`,
  );
  print(
    `connections ${counts.total} in all: ${counts.allowed} allowed, ${counts.blocked} refused; ${counts.defaulted} by default; ${counts.open} open, ${counts.held} held`,
  );
  print(
    `decision    p50 ${us(decisionUs.p50)}, p99 ${us(decisionUs.p99)}; connect p50 ${us(connectUs.p50)}, p99 ${us(connectUs.p99)}; loop lag p99 ${loopLagMs.p99} ms, max ${loopLagMs.max} ms`,
  );
  const ledgerText = ledger.error === null ? ledger.state : `${ledger.state}: ${ledger.error}`;
  print(
    `ledger      ${paint(ledgerText, ledger.state === 'ok' ? 'ok' : 'bad')}, ${ledger.queued} waiting, ${ledger.lost} lost; ${ledger.path}`,
  );
  print(`rules       ${report.rules}`);
  for (const [i, line] of judgeLines(report.judge).entries())
    print(`${i === 0 ? 'judge       ' : INDENT}${line}`);
  printLists(report.lists);
  if (report.config.error !== null) print(`config      ${paint(report.config.error, 'bad')}`);
}

/** One line about all of them, and one each about those in trouble; `lists status` shows them one by one. */
function printLists(lists: Status['lists']): void {
  const on = lists.filter((list) => list.on);
  const dated = on.filter((list) => list.at !== null);
  const downloads = dated.filter((list) => list.url !== null);
  const from = downloads.length > 0 ? downloads : dated;
  const oldest = Math.min(...from.map((list) => list.at ?? 0));
  const age = from.length === 0 ? '' : `, ${durationText(Date.now() - oldest)} old`;
  const entries = on.reduce((sum, list) => sum + list.entries, 0);
  const what = downloads.length > 0 ? `${downloads.length} of them downloaded` : 'none of them downloaded';
  print(`lists       ${on.length} of ${lists.length} on, ${what}${age}: ${entries} entries`);
  for (const { name, error, on: inForce, url } of lists) {
    // A file that cannot be read is not on; a source that is off troubles nobody.
    if (error !== null && (inForce || url === null))
      print(`${INDENT}${cleanText(name)}: ${paint(cleanText(error), 'warn')}`);
  }
}

function watchdogText(report: Status): string {
  return report.failMode === 'open' && !report.guardRunning
    ? paint(' (the watchdog is not running)', 'bad')
    : '';
}

function us(value: number | null): string {
  return value === null ? '–' : `${Math.round(value)} µs`;
}
