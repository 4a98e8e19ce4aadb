import { cleanText } from '../../src/model/clean.ts';
import type { InquiryRound, RequestedCall, ToolResult } from '../../src/model/inquiry.ts';
import { callText, lengthText, line, quotedLines, type TranscriptLine } from './text.ts';

const DIALECTS = { native: 'native tool calls', text: 'text protocol' } as const;

/** One round of an inquiry: what the model said, what was wrong with it, what the tools returned. `number` from 1. */
export function roundLines(round: InquiryRound, number: number): TranscriptLine[] {
  const { dialect, said, calls, results, problem, tokens, ms } = round;
  const spoke = dialect === null ? 'no reply' : DIALECTS[dialect];
  const spent = `${tokens.prompt} tokens read, ${tokens.completion} written`;
  return [
    line(0, 'strong', `round ${number}: ${spoke}, ${lengthText(ms)}, ${spent}`),
    ...(said.trim() === '' ? [] : [line(1, 'plain', 'the model said'), ...quotedLines(said, 2)]),
    ...(problem === null ? [] : [line(1, 'warn', `problem: ${cleanText(problem, 600)}`)]),
    ...results.flatMap(resultLines),
    ...notRun(calls, results).map((call) => line(1, 'warn', `not run: ${callText(call)}`)),
  ];
}

function resultLines(result: ToolResult): TranscriptLine[] {
  const { id, source, text, instructions, ms } = result;
  const call = callText(result);
  const title =
    id === null
      ? line(1, 'warn', `failed: ${call}, ${lengthText(ms)}`)
      : line(1, 'info', `${cleanText(id, 20)}: ${call}, ${sourceText(source)}, ${lengthText(ms)}`);
  const orders =
    instructions === null
      ? []
      : [line(2, 'warn', `gives orders to the model: "${cleanText(instructions, 400)}"`)];
  return [title, ...orders, ...quotedLines(text, 2)];
}

/** Whose words a result holds, in the word a person knows. */
export function sourceText(source: ToolResult['source']): string {
  return source === null ? 'source not known' : `from ${SOURCES[source]}`;
}

const SOURCES = {
  registry: 'the registry',
  dns: 'DNS',
  reputation: 'a reputation service',
  page: 'the page itself',
  certificate: 'the certificate',
  machine: 'this machine',
} as const;

/** The calls that no result answers; the same call twice needs two. */
function notRun(calls: readonly RequestedCall[], results: readonly ToolResult[]): readonly RequestedCall[] {
  const answered = new Map<string, number>();
  for (const result of results) answered.set(callText(result), (answered.get(callText(result)) ?? 0) + 1);
  return calls.filter((call) => {
    const left = answered.get(callText(call)) ?? 0;
    answered.set(callText(call), left - 1);
    return left <= 0;
  });
}
