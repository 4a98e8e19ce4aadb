import { stripInvisible } from '../../model/invisible.ts';
import type { ModelReply } from '../core/model.ts';
import { CALLS_MAX, ReplyCandidates, unreadable } from './candidates.ts';
import { splitHarmony } from './harmony.ts';
import { strictJson } from './loose-json.ts';
import { readNamed } from './object.ts';
import { readText } from './text.ts';
import { type ReplyParts, splitThoughts } from './thoughts.ts';

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
  const isTooLong = text.length > REPLY_MAX_CHARS;
  const { visible, thought, calls } = partsOf(isTooLong ? '' : stripInvisible(text));
  const said = saidOf(isTooLong ? text : visible, thought || (reasoning ?? ''));
  const candidates = new ReplyCandidates();
  for (const { id, name, arguments: args } of toolCalls.slice(0, CALLS_MAX * 2)) {
    readNamed(name, args, candidates, id);
  }
  if (!candidates.isEmpty) return candidates.settle(said);
  if (isTooLong) return unreadable(`it is longer than ${REPLY_MAX_CHARS} characters`, said);
  for (const [name, args] of calls) readNamed(name, args, candidates);
  if (visible !== '') readText(visible, candidates);
  if (visible !== '' || !candidates.isEmpty) return candidates.settle(said);
  return unreadable(said === '' ? 'it is empty' : 'it holds nothing but thoughts', said);
}

/** A reply that is all JSON has no thoughts: what looks like them stands in its strings. */
function partsOf(text: string): ReplyParts {
  if (strictJson(text) !== undefined) return { visible: text.trim(), thought: '', calls: [] };
  return splitHarmony(text) ?? splitThoughts(text);
}

/** What a reply says, for a transcript; where it says nothing, the end of what was thought. */
function saidOf(visible: string, thought: string): string {
  const said = stripInvisible(visible).trim().slice(0, SAID_MAX_CHARS);
  return (said || stripInvisible(thought).trim().slice(-THOUGHT_MAX_CHARS)).toWellFormed();
}
