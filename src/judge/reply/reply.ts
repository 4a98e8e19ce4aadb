import { stripInvisible } from '../../model/invisible.ts';
import type { ModelReply } from '../core/model.ts';
import { CALLS_MAX, ReplyCandidates, unreadable } from './candidates.ts';
import { splitHarmony } from './harmony.ts';
import { isJson } from './loose-json.ts';
import { readNamed } from './object.ts';
import { readText } from './text.ts';
import { type ReplyParts, splitThoughts } from './thoughts.ts';
import { type Args, readArgs, readToolName } from './tool-call.ts';

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
  const candidates = new ReplyCandidates();
  const parts = text.length > REPLY_MAX_CHARS ? null : partsOf(stripInvisible(text));
  const said = saidOf(parts?.visible ?? text, parts?.thought || (reasoning ?? ''));
  for (const { id, name, arguments: args } of toolCalls.slice(0, CALLS_MAX * 2)) {
    if (readToolName(name) === null) candidates.problem('it calls a tool without a name');
    else readNamed(name, readArgs(args.slice(0, REPLY_MAX_CHARS), candidates.json), candidates, id);
  }
  if (!candidates.isEmpty) return candidates.settle(said);
  if (parts === null) return unreadable(`it is longer than ${REPLY_MAX_CHARS} characters`, said);
  for (const [name, args] of parts.calls) {
    const read: Args =
      args.trim() === '' ? { kind: 'bad', why: 'are missing' } : readArgs(args, candidates.json);
    readNamed(name, read, candidates);
  }
  if (parts.visible !== '') readText(parts.visible, candidates);
  if (parts.visible !== '' || !candidates.isEmpty) return candidates.settle(said);
  if (parts.isOpen) return unreadable('it ends within its thoughts; the answer must stand after them', said);
  return unreadable(said === '' ? 'it is empty' : 'it holds nothing but thoughts', said);
}

/** A reply that is all JSON has no thoughts: what looks like them stands in its strings. */
function partsOf(text: string): ReplyParts {
  if (isJson(text)) return { visible: text.trim(), thought: '', isOpen: false, calls: [] };
  return splitHarmony(text) ?? splitThoughts(text);
}

/** What a reply says, for a transcript; where it says nothing, the end of what was thought. */
function saidOf(visible: string, thought: string): string {
  const said = stripInvisible(visible).trim();
  if (said.length > SAID_MAX_CHARS) return `${said.slice(0, SAID_MAX_CHARS - 1).toWellFormed()}…`;
  const thoughts = said === '' ? stripInvisible(thought).trim() : '';
  if (thoughts.length <= THOUGHT_MAX_CHARS) return said || thoughts;
  return `…${thoughts.slice(1 - THOUGHT_MAX_CHARS).toWellFormed()}`;
}
