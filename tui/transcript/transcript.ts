import { cleanText } from '../../src/model/clean.ts';
import type { Inquiry, InquiryRound, RequestedCall, Tokens, ToolResult } from '../../src/model/inquiry.ts';
import { countOf, lengthText, momentText } from '../draw/format.ts';
import { KIND_TONES } from '../words/judge.ts';
import { lines, quotedLines, type TranscriptLine } from './line.ts';
import { callText, OUTCOME_WORDS, outcomeLines, reasonLines, resultText } from './outcome.ts';

const PAST_BLOCK = 'the scores put the name past the block threshold: the judge may not allow it';
const DIALECTS = { native: 'native tool calls', text: 'text protocol' } as const;

/**
 * An inquiry for a person, from top to bottom: the outcome and why, signs of an attempt on the judge, who asked for what, scores,
 * every round, the outcome with its evidence, what it cost. All text is clean; lines are as long as they come, and wrapping is the
 * caller's business.
 */
export function transcriptLines(inquiry: Inquiry): readonly TranscriptLine[] {
  const sections = [
    titleLines(inquiry),
    markLines(inquiry),
    originLines(inquiry),
    ...inquiry.rounds.map((round, i) => roundLines(round, i + 1)),
    outcomeLines(inquiry),
    figureLines(inquiry),
  ].filter((section) => section.length > 0);
  return sections.flatMap((section, i) => (i === 0 ? section : [...lines(0, 'plain', ''), ...section]));
}

function titleLines(inquiry: Inquiry): TranscriptLine[] {
  const { id, at, outcome, replayOf, input } = inquiry;
  const title = `inquiry ${id}: ${cleanText(input.domain, 260)}: ${outcome.kind}`;
  return [
    ...lines(0, KIND_TONES[outcome.kind], title),
    ...lines(1, 'dim', momentText(at)),
    ...lines(1, 'info', replayOf === null ? null : `a replay of inquiry ${replayOf}`),
    ...lines(1, 'plain', OUTCOME_WORDS[outcome.why]),
    ...reasonLines(inquiry, 2),
  ];
}

function markLines({ marks }: Inquiry): TranscriptLine[] {
  if (marks.length === 0) return [];
  const title = `warning: ${countOf(marks.length, 'sign')} of an attempt on the judge`;
  const found = marks.map(({ evidence, text }) => (evidence === null ? text : `${evidence}: ${text}`));
  return [...lines(0, 'warn', title), ...lines(1, 'warn', ...found.map((text) => cleanText(text, 600)))];
}

/** The program that asked, the name it asked for, and what the scores said of that. */
function originLines({ input: { app, host, port, scores, pastBlock, listed } }: Inquiry): TranscriptLine[] {
  const { path, user, signer, parents, firstSeen } = app;
  const program = cleanText(app.name ?? path ?? 'a program that is not known');
  return [
    ...lines(0, 'strong', `${program} asked for ${cleanText(host, 260)}, port ${port}`),
    ...lines(
      1,
      'dim',
      path === null || path === app.name ? null : `path ${cleanText(path, 1_000)}`,
      user === null ? null : `user ${cleanText(user)}`,
      signer === null ? null : `signed by ${cleanText(signer)}`,
      parents.length === 0 ? null : `started by ${parents.map((name) => cleanText(name)).join(', ')}`,
      firstSeen === null ? null : `first seen ${momentText(firstSeen)}`,
    ),
    ...lines(1, 'plain', scores.length === 0 ? null : 'scores'),
    ...lines(2, 'dim', ...scores.map(({ text }) => cleanText(text, 400))),
    ...lines(1, 'info', listed && `for the name: ${cleanText(listed, 400)}`),
    ...lines(1, 'warn', pastBlock ? PAST_BLOCK : null),
  ];
}

/** What the model said, what was wrong with it, what the tools returned. `number` from 1. */
function roundLines(round: InquiryRound, number: number) {
  const { isBlind, dialect, said, calls, results, problem, tokens, ms } = round;
  const spoke = dialect === null ? 'no reply' : DIALECTS[dialect];
  const blind = isBlind ? 'asked again by the facts alone, without a word of strangers' : null;
  return [
    ...lines(0, 'strong', `round ${number}: ${spoke}, ${lengthText(ms)}, ${tokensText(tokens)}`),
    ...lines(1, 'info', blind),
    ...lines(1, 'warn', ...retryTexts(round)),
    ...lines(1, 'plain', said.trim() === '' ? null : 'the model said'),
    ...quotedLines(said, 2),
    ...lines(1, 'warn', problem === null ? null : `problem: ${cleanText(problem, 600)}`),
    ...results.flatMap(resultLines),
    ...lines(1, 'warn', ...notRun(calls, results).map((call) => `not run: ${call}`)),
  ];
}

/** Each failure in passing, and how often it came. */
function retryTexts({ retried }: InquiryRound): readonly string[] {
  const texts = Map.groupBy(retried, ({ detail }) => cleanText(detail, 600));
  return [...texts].map(([text, { length }]) => {
    const often = length === 1 ? '' : ` ${length} times`;
    return `asked again${often} after: ${text}`;
  });
}

function resultLines(result: ToolResult): TranscriptLine[] {
  const { id, text, facts, instructions, ms } = result;
  const what = id === null ? `failed: ${callText(result)}` : resultText(id, result);
  const orders = instructions && `orders, or talk of verdicts: "${cleanText(instructions, 400)}"`;
  const leaning = facts.filter(({ leans }) => leans !== 'neither');
  return [
    ...lines(1, id === null ? 'warn' : 'info', `${what}, ${lengthText(ms)}`),
    ...lines(2, 'warn', orders),
    ...lines(2, 'info', ...leaning.map((fact) => `${fact.leans} the name: ${cleanText(fact.text, 400)}`)),
    ...quotedLines(text, 2),
  ];
}

/** The calls that no result answers; the same call twice needs two. */
function notRun(calls: readonly RequestedCall[], results: readonly ToolResult[]): readonly string[] {
  const answered = results.map(callText);
  return calls.map(callText).filter((call) => {
    const at = answered.indexOf(call);
    if (at >= 0) answered.splice(at, 1);
    return at < 0;
  });
}

/** What it cost, and who was asked. */
function figureLines({ tokens, durationMs, rounds, model, apiUrl, promptVersion }: Inquiry) {
  const by = `model ${cleanText(model)} at ${cleanText(apiUrl)}, prompt version ${cleanText(promptVersion, 60)}`;
  const spent = `${countOf(rounds.length, 'round')}, ${lengthText(durationMs)}, ${tokensText(tokens)}`;
  return lines(0, 'dim', spent, by);
}

const tokensText = ({ prompt, completion }: Tokens): string => `${prompt} tokens read, ${completion} written`;
