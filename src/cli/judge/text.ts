import { OUTCOME_WORDS } from '../../../tui/transcript/outcome.ts';
import { countOf, KIND_TONES, lengthText, momentText } from '../../../tui/transcript/text.ts';
import type { TranscriptLine } from '../../../tui/transcript/transcript.ts';
import { cleanText } from '../../model/clean.ts';
import type { InquirySummary, JudgeCheck } from '../../schema/judge.ts';
import { paint } from '../print.ts';
import type { Kept } from './records.ts';

const { wrap } = await import('../../../tui/draw/text.ts');

const INDENT = 2;
/** Text is wrapped to at least so many cells, however deep it stands. */
const WRAP_MIN_CELLS = 20;
const WRAP_MAX_LINES = 1_000;
const SHOWN_MODELS = 20;

const TONES = { dim: 'dim', strong: 'bold', ok: 'ok', bad: 'bad', warn: 'warn', info: 'info' } as const;

/** Lines of a transcript as they are printed: indented, coloured, and wrapped to `width` cells (infinite: not at all). */
export function drawnLines(lines: readonly TranscriptLine[], width: number): string[] {
  return lines.flatMap(({ indent, tone, text }) => {
    const room = Math.max(WRAP_MIN_CELLS, width - indent * INDENT);
    return wrap(text, room, WRAP_MAX_LINES).map((part) => {
      const drawn = `${' '.repeat(indent * INDENT)}${part}`;
      return tone === 'plain' ? drawn : paint(drawn, TONES[tone]);
    });
  });
}

/** One inquiry on one line: id, time, verdict, domain, program, why, what it cost, signs of an attempt. */
export function summaryLine(inquiry: InquirySummary): string {
  const { id, at, kind, domain, app, reason, why, rounds, durationMs, tokens, marks, replayOf } = inquiry;
  const parts = [
    `${String(id).padStart(5)}  ${paint(momentText(at), 'dim')}  ${paint(kind.padEnd(6), KIND_TONES[kind])}`,
    cleanText(domain, 260),
    app === null ? null : `for ${cleanText(app, 40)}`,
    replayOf === null ? null : `replay of ${replayOf}`,
    cleanText(reason ?? OUTCOME_WORDS[why]),
    paint(`${countOf(rounds, 'round')}, ${lengthText(durationMs)}, ${countOf(tokens, 'token')}`, 'dim'),
    marks === 0 ? null : paint(signsText(marks), 'warn'),
  ];
  return parts.filter((part) => part !== null).join('  ');
}

/** One kept verdict on one line. */
export function learnedLine(verdict: Kept): string {
  const { domain, kind, at, expiresAt, model, inquiry, reasons, marks } = verdict;
  const parts = [
    `${paint(kind.padEnd(6), KIND_TONES[kind])} ${cleanText(domain, 260)}`,
    paint(`since ${momentText(at)} until ${momentText(expiresAt)}`, 'dim'),
    `by ${cleanText(model, 60)}, inquiry ${inquiry}`,
    cleanText(reasons[0] ?? 'no reason given'),
    marks.length === 0 ? null : paint(signsText(marks.length), 'warn'),
  ];
  return parts.filter((part) => part !== null).join('  ');
}

function signsText(count: number): string {
  return `! ${countOf(count, 'sign')} of an attempt on the judge`;
}

/** What a server was found to do, a line each; the models it has when the one asked for is not among them; the remedy at the end. */
export function checkLines(check: JudgeCheck): string[] {
  const { reachable, completion, streaming, nativeTools, structured, textProtocol } = check;
  const found = [
    ['reachable', reachable],
    ['completion', completion],
    ['streaming', streaming],
    ['native tools', nativeTools],
    ['structured output', structured],
    ['text protocol', textProtocol],
  ] as const;
  return [
    `${cleanText(check.model)} at ${cleanText(check.apiUrl)}`,
    ...found.map(([name, finding]) => findingLine(name, finding, check.usable)),
    ...modelLines(check),
    check.usable ? paint(`usable, with ${wayOf(check)}`, 'ok') : paint(`→ ${remedyOf(check)}`, 'dim'),
  ];
}

function findingLine(name: string, { ok, ms, detail }: JudgeCheck['reachable'], usable: boolean): string {
  // What took no time was not tried.
  if (!ok && ms === null) return paint(`? ${name}: ${cleanText(detail, 400)}`, 'dim');
  const sign = ok ? paint('✓', 'ok') : paint('✗', usable ? 'warn' : 'bad');
  const took = ms === null ? '' : paint(` (${lengthText(ms)})`, 'dim');
  return `${sign} ${name}: ${cleanText(detail, 400)}${took}`;
}

function modelLines({ models, model }: JudgeCheck): string[] {
  if (models.length === 0 || models.includes(model)) return [];
  const names = models.slice(0, SHOWN_MODELS).map((name) => cleanText(name, 80));
  const left = models.length - names.length;
  const list = `${names.join(', ')}${left === 0 ? '' : ` and ${left} more`}`;
  return [`${paint('!', 'warn')} ${cleanText(model)} is not among the models of the server: ${list}`];
}

function wayOf({ nativeTools, structured }: JudgeCheck): string {
  if (!nativeTools.ok) return 'the text protocol';
  return structured.ok ? 'native tool calls and structured output' : 'native tool calls';
}

function remedyOf({ reachable, completion, models, model, apiUrl }: JudgeCheck): string {
  if (/HTTP 40[13]\b/.test(reachable.detail) || completion.detail.startsWith('refused'))
    return 'put the key that the server takes into judge.apiKeyFile or RESOLAGENT_JUDGE_KEY';
  if (!reachable.ok)
    return 'start an OpenAI-compatible server there (LM Studio, llama.cpp, Ollama, vLLM), or set judge.apiUrl to yours';
  if (models.length > 0 && !models.includes(model))
    return 'load that model on the server, or set judge.model to one that it has';
  if (completion.detail.includes('HTTP 404') && models.length === 0)
    return `set judge.apiUrl to where the API is${/\/v1\/*$/.test(apiUrl) ? '' : `: most servers have it at ${cleanText(apiUrl.replace(/\/+$/, ''))}/v1`}`;
  if (completion.detail.startsWith('timed_out'))
    return 'load the model before it is needed, or set judge.model to a smaller one: a connection does not wait so long';
  if (!completion.ok) return 'see the log of the server for what it did with the request';
  return 'the model neither calls tools nor keeps to the text protocol: set judge.model to one that follows instructions';
}
