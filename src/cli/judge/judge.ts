import type { Command } from 'commander';
import { outcomeLines } from '../../../tui/transcript/outcome.ts';
import { type TranscriptLine, transcriptLines } from '../../../tui/transcript/transcript.ts';
import type { ControlClient } from '../../control/client.ts';
import { cleanText } from '../../model/clean.ts';
import { normalizeHost } from '../../model/host.ts';
import type { InquiryReport } from '../../schema/judge.ts';
import type { JudgeReplay } from '../../schema/judge-replay.ts';
import { connectOrExplain } from '../engine/connect.ts';
import { pathsOf } from '../options.ts';
import { CommandError, EXIT, paint, print, printError, printJson } from '../print.ts';
import { withWaiting } from '../waiting.ts';
import { type JudgeRecords, withRecords } from './records.ts';
import { drawnLines, learnedLine, summaryLine } from './text.ts';

/** Inquiries asked for at once. */
const PAGE_INQUIRIES = 500;
const LIST_LIMIT = 20;
const LEARNED_LIMIT = 1_000;
/** The engine tells no more verdicts in one answer. */
const LEARNED_MAX = 5_000;

interface JudgeOptions {
  readonly json?: true;
  readonly limit?: number;
}

/** Connects for one task, and closes however it ends. */
async function withEngine(command: Command, task: (client: ControlClient) => Promise<void>): Promise<void> {
  const client = await connectOrExplain(pathsOf(command).socket);
  try {
    await task(client);
  } finally {
    client.close();
  }
}

/** `resolagent judge list`: the latest inquiries, newest first. */
export function judgeList(command: Command): Promise<void> {
  const { json, limit = LIST_LIMIT } = command.optsWithGlobals<JudgeOptions>();
  checkLimit(limit, Number.MAX_SAFE_INTEGER);
  return withRecords(command, async (records) => {
    let before: number | null = null;
    for (let left = limit; left > 0; ) {
      const page: Awaited<ReturnType<JudgeRecords['list']>> = await records.list(
        Math.min(PAGE_INQUIRIES, left),
        before,
      );
      for (const inquiry of page.inquiries) {
        if (json === true) printJson(inquiry);
        else print(summaryLine(inquiry));
      }
      if (before === null && page.inquiries.length === 0 && json !== true)
        print('the judge has looked into nothing yet; resolagent judge check tells whether it can');
      left -= page.inquiries.length;
      before = page.inquiries.at(-1)?.id ?? null;
      if (!page.more || before === null) break;
    }
  });
}

/** `resolagent judge show ID`: the transcript of an inquiry. */
export function judgeShow(id: number, command: Command): Promise<void> {
  const { json } = command.optsWithGlobals<JudgeOptions>();
  return withRecords(command, async (records) => {
    const inquiry = await records.show(id);
    if (json === true) printJson(inquiry);
    else printLines(transcriptLines(inquiry));
  });
}

/** `resolagent judge replay ID`: exit code 1 when the model of today comes to another verdict. */
export function judgeReplay(id: number, command: Command): Promise<void> {
  const { json } = command.optsWithGlobals<JudgeOptions>();
  return withEngine(command, async (client) => {
    const { inquiry: recorded } = await client.request('judge.show', { inquiry: id });
    const asked = client.request('judge.replay', { inquiry: id });
    const { inquiry } = await withWaiting(`replaying inquiry ${id}`, asked);
    const agree = recorded.outcome.kind === inquiry.outcome.kind;
    if (json === true) printJson({ agree, before: runOf(recorded), after: runOf(inquiry) });
    else printReplay(recorded, inquiry, agree);
    process.exitCode = agree ? EXIT.done : EXIT.no;
  });
}

/** `resolagent judge learned`: the latest verdicts in force, newest first. */
export function judgeLearned(command: Command): Promise<void> {
  const { json, limit = LEARNED_LIMIT } = command.optsWithGlobals<JudgeOptions>();
  checkLimit(limit, LEARNED_MAX);
  return withRecords(command, async (records) => {
    const { verdicts, more } = await records.learned(limit);
    for (const verdict of verdicts) {
      if (json === true) printJson(verdict);
      else print(learnedLine(verdict));
    }
    if (verdicts.length === 0 && json !== true) print('no verdict of the judge is in force');
    const how = limit < LEARNED_MAX ? `; --limit takes up to ${LEARNED_MAX}` : '';
    if (more > 0) printError(`${more} older ones are not shown${how}; resolagent explain NAME tells of one`);
  });
}

/** `resolagent judge forget DOMAIN`: exit code 1 when no verdict is kept for it. */
export function judgeForget(text: string, command: Command): Promise<void> {
  const host = normalizeHost(text);
  if (host === null) throw new CommandError(EXIT.usage, `"${cleanText(text)}" is not a host name`);
  return withEngine(command, async (client) => {
    const { forgotten, domain } = await client.request('judge.forget', { domain: host });
    if (!forgotten)
      throw new CommandError(
        EXIT.no,
        `no verdict is kept for ${domain}; resolagent judge learned lists those that are`,
      );
    print(`the verdict on ${domain} is forgotten; its next connection is judged anew`);
  });
}

function checkLimit(limit: number, max: number): void {
  if (Number.isInteger(limit) && limit > 0 && limit <= max) return;
  const range = max === Number.MAX_SAFE_INTEGER ? 'from 1 on' : `from 1 to ${max}`;
  throw new CommandError(EXIT.usage, `--limit: expected a number ${range}`);
}

function runOf({ id, model, promptVersion, outcome }: InquiryReport): JudgeReplay['before'] {
  return { inquiry: id, model, promptVersion, outcome };
}

function printReplay(recorded: InquiryReport, replayed: InquiryReport, agree: boolean): void {
  for (const inquiry of [recorded, replayed]) {
    const { id, model, promptVersion } = inquiry;
    const by = `${cleanText(model)}, prompt version ${cleanText(promptVersion, 60)}`;
    const title = inquiry === recorded ? `inquiry ${id}, by ${by}` : `replayed as ${id}, by ${by}`;
    printLines([{ indent: 0, tone: 'strong', text: title }, ...outcomeLines(inquiry).map(deeper)]);
  }
  const [before, after] = [recorded.outcome.kind, replayed.outcome.kind];
  print(
    agree ? paint(`they agree: ${after}`, 'ok') : paint(`they differ: ${before} then, ${after} now`, 'warn'),
  );
  print(paint(`resolagent judge show ${replayed.id} shows all of it`, 'dim'));
}

const deeper = (line: TranscriptLine): TranscriptLine => ({ ...line, indent: line.indent + 1 });

function printLines(lines: readonly TranscriptLine[]): void {
  const width = process.stdout.isTTY === true ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY;
  for (const line of drawnLines(lines, width)) print(line);
}
