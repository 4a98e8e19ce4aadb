import { countOf, lengthText, momentText } from '../../../tui/draw/format.ts';
import { wrap } from '../../../tui/draw/text.ts';
import type { TranscriptLine } from '../../../tui/transcript/line.ts';
import { OUTCOME_WORDS } from '../../../tui/transcript/outcome.ts';
import { KIND_TONES } from '../../../tui/words/judge.ts';
import { cleanText } from '../../model/clean.ts';
import type { InquirySummary, JudgeCheck, KeptVerdictReport } from '../../schema/judge.ts';
import { paint } from '../print.ts';

const INDENT = 2;
/** Text is wrapped to at least so many cells, however deep it stands. */
const WRAP_MIN_CELLS = 20;
const WRAP_MAX_LINES = 1_000;
const SHOWN_MODELS = 20;
/** What to do about a server that does not take the key. */
export const KEY_REMEDY = 'put the key that the server takes into judge.apiKeyFile or RESOLAGENT_JUDGE_KEY';

/** Lines of a transcript as they are printed: indented, coloured, and wrapped to `width` cells (infinite: not at all). */
export function drawnLines(transcript: readonly TranscriptLine[], width: number): string[] {
  return transcript.flatMap(({ indent, tone, text }) => {
    const margin = ' '.repeat(indent * INDENT);
    const room = Math.max(WRAP_MIN_CELLS, width - margin.length);
    return wrap(text, room, WRAP_MAX_LINES).map((part) => paint(`${margin}${part}`, tone));
  });
}

/** One inquiry on one line: id, time, verdict, domain, program, why, what it cost, signs of an attempt. */
export function summaryLine(inquiry: InquirySummary): string {
  const { id, at, kind, domain, app, reason, why, rounds, durationMs, tokens, marks, replayOf } = inquiry;
  return joined(
    String(id).padStart(5),
    paint(momentText(at), 'dim'),
    paint(kind.padEnd(6), KIND_TONES[kind]),
    cleanText(domain, 260),
    app === null ? null : `for ${cleanText(app, 40)}`,
    replayOf === null ? null : `replay of ${replayOf}`,
    cleanText(reason ?? OUTCOME_WORDS[why]),
    paint(`${countOf(rounds, 'round')}, ${lengthText(durationMs)}, ${countOf(tokens, 'token')}`, 'dim'),
    signsText(marks),
  );
}

/** One kept verdict on one line. */
export function learnedLine(verdict: KeptVerdictReport): string {
  const { domain, app, kind, at, expiresAt, model, inquiry, reasons, marks } = verdict;
  return joined(
    `${paint(kind.padEnd(6), KIND_TONES[kind])} ${cleanText(domain, 260)}`,
    `for ${app === null ? 'programs that are not known' : cleanText(app, 200)}`,
    paint(`since ${momentText(at)} until ${momentText(expiresAt)}`, 'dim'),
    `by ${cleanText(model, 60)}, inquiry ${inquiry}`,
    cleanText(reasons[0] ?? 'no reason given'),
    signsText(marks.length),
  );
}

function joined(...parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null).join('  ');
}

function signsText(count: number): string | null {
  return count === 0 ? null : paint(`! ${countOf(count, 'sign')} of an attempt on the judge`, 'warn');
}

/** What a server was found to do, a line each; the models it has when the one asked for is not among them; the remedy at the end. */
export function checkLines(check: JudgeCheck): string[] {
  const { usable, nativeTools, structured } = check;
  const unknown = unknownModel(check.model, check.models, 'the server');
  const way = structured.ok ? 'native tool calls and structured output' : 'native tool calls';
  return [
    `${cleanText(check.model)} at ${cleanText(check.apiUrl)}`,
    findingLine('reachable', check.reachable, usable),
    findingLine('completion', check.completion, usable),
    findingLine('streaming', check.streaming, usable),
    findingLine('native tools', nativeTools, usable),
    findingLine('structured output', structured, usable),
    findingLine('text protocol', check.textProtocol, usable),
    ...(unknown === null ? [] : [`${paint('!', 'warn')} ${unknown}`]),
    usable
      ? paint(`usable, with ${nativeTools.ok ? way : 'the text protocol'}`, 'ok')
      : paint(`→ ${remedyOf(check)}`, 'dim'),
  ];
}

/** That a model is not among those of its server, and which these are; null when it is, or the server does not tell. */
export function unknownModel(model: string, models: readonly string[], server: string): string | null {
  if (models.length === 0 || models.includes(model)) return null;
  const names = models.slice(0, SHOWN_MODELS).map((name) => cleanText(name, 80));
  const rest = models.length - names.length;
  const more = rest === 0 ? '' : ` and ${rest} more`;
  return `${cleanText(model)} is not among the models of ${server}: ${names.join(', ')}${more}`;
}

function findingLine(name: string, { ok, ms, detail }: JudgeCheck['reachable'], usable: boolean): string {
  // What took no time was not tried.
  if (!ok && ms === null) return paint(`? ${name}: ${cleanText(detail, 400)}`, 'dim');
  const sign = ok ? paint('✓', 'ok') : paint('✗', usable ? 'warn' : 'bad');
  const took = ms === null ? '' : paint(` (${lengthText(ms)})`, 'dim');
  return `${sign} ${name}: ${cleanText(detail, 400)}${took}`;
}

function remedyOf({ reachable, completion, models, model, apiUrl }: JudgeCheck): string {
  if (/HTTP 40[13]\b/.test(reachable.detail) || completion.detail.startsWith('refused')) return KEY_REMEDY;
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
