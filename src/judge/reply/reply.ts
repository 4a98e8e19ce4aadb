import { stripInvisible } from '../../model/invisible.ts';
import type { ModelReply } from '../core/model.ts';
import { Answers, CALLS_MAX, unreadable } from './answers.ts';
import { type Args, readArgs, readToolName, VERDICT_NAME } from './args.ts';
import { type HarmonyReply, splitHarmony } from './harmony.ts';
import { addWritten } from './markup.ts';
import { readText } from './text.ts';
import { splitThoughts } from './thoughts.ts';

/** Longest text of a reply that is read. */
export const REPLY_MAX_CHARS = 100_000;
/** Longest text of a reply that is kept. */
const SAID_MAX_CHARS = 8_000;
/** Kept of thoughts, when a reply says nothing else. */
const THOUGHT_MAX_CHARS = 2_000;

/** A native call as a server sent it. */
export interface NativeCall {
  readonly id: string;
  readonly name: string;
  /** JSON, if all is well. */
  readonly arguments: string;
}

/** A reply as it came. */
export interface ReplyMessage {
  readonly content: string | null;
  /** Thoughts that the server took out of the text; nothing in them counts. */
  readonly reasoning?: string | null;
  readonly toolCalls: readonly NativeCall[];
}

/**
 * Reads one reply of a model, however oddly it is written: native calls first, else calls and verdicts in its text. Never throws; what is
 * ambiguous is unreadable.
 */
export function readReply({ content, reasoning, toolCalls }: ReplyMessage): ModelReply {
  const text = content ?? '';
  const parts = text.length > REPLY_MAX_CHARS ? null : takeApart(stripInvisible(text));
  const said = saidOf(parts?.visible ?? text, parts?.thought ?? '', reasoning ?? '');
  const answers = new Answers();
  for (const call of toolCalls.slice(0, CALLS_MAX * 2)) readNative(call, answers);
  if (!answers.isEmpty) return answers.weigh(said);
  if (parts === null) return unreadable(`it is longer than ${REPLY_MAX_CHARS} characters`, said);
  for (const { name, args } of parts.calls) {
    const read: Args =
      args.trim() === '' ? { kind: 'bad', why: 'are missing' } : readArgs(args, answers.json);
    addWritten(name, read, answers);
  }
  if (parts.visible !== '') readText(parts.visible, answers);
  else if (answers.isEmpty) return unreadable(emptyWhy(parts, reasoning ?? ''), said);
  return answers.weigh(said);
}

function readNative(call: NativeCall, answers: Answers): void {
  const name = readToolName(call.name);
  const written = call.arguments.slice(0, REPLY_MAX_CHARS);
  if (name === null) answers.problem('it calls a tool without a name');
  else if (name !== VERDICT_NAME) answers.call(call.id, name, readArgs(written, answers.json));
  else addWritten(name, readArgs(written, answers.json), answers);
}

function takeApart(text: string): HarmonyReply {
  const value = wholeJson(text);
  if (typeof value === 'object') return { visible: text.trim(), thought: '', isOpen: false, calls: [] };
  const plain = value ?? text;
  const parts = splitHarmony(plain) ?? { ...splitThoughts(plain), calls: [] };
  return { ...parts, visible: parts.visible.trim() };
}

/** A reply that is one JSON object, array or text; undefined when it is not. */
function wholeJson(text: string): object | string | undefined {
  if (!/^\s*["{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function emptyWhy(parts: HarmonyReply, reasoning: string): string {
  if (parts.isOpen) return 'it ends within its thoughts; the answer must stand after them';
  return parts.thought === '' && reasoning.trim() === '' ? 'it is empty' : 'it holds nothing but thoughts';
}

/** What a reply says, for a transcript; where it says nothing, the end of what was thought. */
function saidOf(visible: string, thought: string, reasoning: string): string {
  const said = stripInvisible(visible).trim();
  if (said !== '') return capped(said, SAID_MAX_CHARS);
  const thoughts = stripInvisible(thought === '' ? reasoning : thought).trim();
  return thoughts.length > THOUGHT_MAX_CHARS
    ? `…${thoughts.slice(1 - THOUGHT_MAX_CHARS).toWellFormed()}`
    : thoughts;
}

function capped(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1).toWellFormed()}…` : text;
}
