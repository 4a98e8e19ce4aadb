import type { Command } from 'commander';
import { lines, type TranscriptLine } from '../../../tui/transcript/line.ts';
import { outcomeLines } from '../../../tui/transcript/outcome.ts';
import { transcriptLines } from '../../../tui/transcript/transcript.ts';
import { cleanText } from '../../model/clean.ts';
import { normalizeHost } from '../../model/host.ts';
import type { InquiryReport } from '../../schema/judge.ts';
import type { JudgeReplay } from '../../schema/judge-replay.ts';
import { askEngine, askEngineOrFiles, withEngine, withEngineOrFiles } from '../engine/connect.ts';
import { pagesOf } from '../engine/pages.ts';
import { LEARNED_MAX, wantsJson } from '../options.ts';
import { CommandError, EXIT, paint, print, printEach, printError, printJson, withWaiting } from '../print.ts';
import { drawnLines, learnedLine, summaryLine } from './text.ts';

/** Inquiries asked for at once. */
const PAGE_INQUIRIES = 500;
const LIST_LIMIT = 20;
const LEARNED_LIMIT = 1_000;

/** `resolagent judge list`: the latest inquiries, newest first. */
export function judgeList(command: Command): Promise<void> {
  const { limit = LIST_LIMIT } = command.opts<{ limit?: number }>();
  return withEngineOrFiles(command, (engine) => {
    const inquiries = pagesOf(limit, PAGE_INQUIRIES, async (count, before) => {
      const { inquiries: items, more } = await engine.request('judge.list', { limit: count, before });
      return { items, more };
    });
    const none = 'the judge has looked into nothing yet; resolagent judge check tells whether it can';
    return printEach(inquiries, wantsJson(command), summaryLine, none);
  });
}

/** `resolagent judge show ID`: the transcript of an inquiry. */
export async function judgeShow(id: number, command: Command): Promise<void> {
  const { inquiry } = await askEngineOrFiles(command, 'judge.show', { inquiry: id });
  if (wantsJson(command)) printJson(inquiry);
  else printLines(transcriptLines(inquiry));
}

/** `resolagent judge replay ID`: exit code 1 when the model of today comes to another verdict. */
export function judgeReplay(id: number, command: Command): Promise<void> {
  return withEngine(command, async (engine) => {
    const { inquiry: recorded } = await engine.request('judge.show', { inquiry: id });
    const asked = engine.request('judge.replay', { inquiry: id });
    const { inquiry } = await withWaiting(`replaying inquiry ${id}`, asked);
    const agree = recorded.outcome.kind === inquiry.outcome.kind;
    if (wantsJson(command)) printJson({ agree, before: runOf(recorded), after: runOf(inquiry) });
    else printReplay(recorded, inquiry, agree);
    process.exitCode = agree ? EXIT.done : EXIT.no;
  });
}

/** `resolagent judge learned`: the latest verdicts in force, newest first. */
export async function judgeLearned(command: Command): Promise<void> {
  const { limit = LEARNED_LIMIT } = command.opts<{ limit?: number }>();
  const { verdicts, more } = await askEngineOrFiles(command, 'judge.learned', { limit });
  await printEach(verdicts, wantsJson(command), learnedLine, 'no verdict of the judge is in force');
  const how = limit < LEARNED_MAX ? `; --limit takes up to ${LEARNED_MAX}` : '';
  if (more > 0) printError(`${more} older ones are not shown${how}; resolagent explain NAME tells of one`);
}

/** `resolagent judge forget DOMAIN`: exit code 1 when no verdict is kept for it. */
export async function judgeForget(text: string, command: Command): Promise<void> {
  const host = normalizeHost(text);
  if (host === null) throw new CommandError(EXIT.usage, `"${cleanText(text)}" is not a host name`);
  const { forgotten, domain } = await askEngine(command, 'judge.forget', { domain: host });
  if (forgotten) return print(`the verdict on ${domain} is forgotten; its next connection is judged anew`);
  throw new CommandError(
    EXIT.no,
    `no verdict is kept for ${domain}; resolagent judge learned lists those that are`,
  );
}

function runOf({ id, model, promptVersion, outcome }: InquiryReport): JudgeReplay['before'] {
  return { inquiry: id, model, promptVersion, outcome };
}

function printReplay(recorded: InquiryReport, replayed: InquiryReport, agree: boolean): void {
  for (const inquiry of [recorded, replayed]) {
    const { id, model, promptVersion } = inquiry;
    const what = inquiry === recorded ? `inquiry ${id}` : `replayed as ${id}`;
    const title = `${what}, by ${cleanText(model)}, prompt version ${cleanText(promptVersion, 60)}`;
    printLines(lines(0, 'strong', title));
    printLines(outcomeLines(inquiry).map((line) => ({ ...line, indent: line.indent + 1 })));
  }
  const [before, after] = [recorded.outcome.kind, replayed.outcome.kind];
  print(
    agree ? paint(`they agree: ${after}`, 'ok') : paint(`they differ: ${before} then, ${after} now`, 'warn'),
  );
  print(paint(`resolagent judge show ${replayed.id} shows all of it`, 'dim'));
}

function printLines(transcript: readonly TranscriptLine[]): void {
  const width = process.stdout.isTTY === true ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY;
  for (const line of drawnLines(transcript, width)) print(line);
}
