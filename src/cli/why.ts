import type { Command } from 'commander';
import { momentText } from '../../tui/draw/format.ts';
import { describeVerdict, targetLabel, verdictWord, WORD_TONES } from '../../tui/words/flow.ts';
import type { FlowRecord } from '../model/flow.ts';
import type { WhyReport } from '../schema/why.ts';
import { withEngine } from './engine/connect.ts';
import { wantsJson } from './options.ts';
import { EXIT, paint, print, printJson } from './print.ts';
import { printSteps } from './step-lines.ts';

/** `resolagent why ID`: a stored connection, held against the policy of today. Exit code 1 when that decides otherwise. */
export function whyFlow(id: number, command: Command): Promise<void> {
  return withEngine(command, async (engine) => {
    const report = await engine.request('why', { flow: id });
    process.exitCode = report.repeat === 'other' ? EXIT.no : EXIT.done;
    if (wantsJson(command)) return printJson(report);
    printFlow(report.flow);
    print(paint(repeatText(report), report.repeat === 'other' ? 'warn' : 'plain'));
    print(paint(changeText(report), 'dim'));
    printSteps(report.steps, (await engine.request('status', {})).judge);
  });
}

function printFlow(flow: FlowRecord): void {
  const word = verdictWord(flow);
  const { stage } = flow.verdict;
  const target = `${targetLabel(flow)}:${flow.target.port}`;
  print(`${paint(word, WORD_TONES[word])} ${target} (${stage}, mode ${flow.mode}) ${momentText(flow.at)}`);
  print(`  ${describeVerdict(flow)}`);
}

function repeatText({ repeat, again }: WhyReport): string {
  switch (repeat) {
    case 'same':
      return 'the policy of today gives the same verdict';
    case 'other':
      return `the policy of today gives another verdict: ${again.kind}, by ${again.stage}`;
    case 'of_the_moment':
      return 'it rested on what only that moment knew, so that the policy of today cannot repeat it';
  }
}

function changeText({ decidedBy, changed }: WhyReport): string {
  if (decidedBy === null) return 'under which policy it was decided is not known';
  return changed.length === 0
    ? 'nothing that decides has changed since'
    : `changed since: ${changed.join(', ')}`;
}
