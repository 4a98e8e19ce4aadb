import { cleanText } from '../../model/clean.ts';
import type { JudgeKind, RequestedCall } from '../../model/inquiry.ts';
import type { ModelReply } from '../core/model.ts';
import { LooseJson } from './loose-json.ts';
import type { ReadWord } from './vocabulary.ts';

export const CALLS_MAX = 8;
const REASONS_MAX = 5;
const EVIDENCE_MAX = 16;
const ID_MAX_CHARS = 40;
const CALL_ID_MAX_CHARS = 100;
const WHY_MAX_CHARS = 190;
const ID = /(?<![a-z0-9])e\d{1,3}(?![a-z0-9])/gi;

/** Calls and verdicts that one reply seems to hold, wherever and however often it says them, and what they come to in the end. */
export class ReplyCandidates {
  /** All JSON of one reply is read within the same bounds. */
  readonly json = new LooseJson();
  /** By tool and arguments: the same call twice counts once. */
  readonly #calls = new Map<string, RequestedCall>();
  readonly #verdicts = new Set<JudgeKind>();
  readonly #reasons = new Set<string>();
  readonly #evidence = new Set<string>();
  #problem: string | null = null;

  get isEmpty(): boolean {
    return this.#calls.size === 0 && this.#verdicts.size === 0 && this.#problem === null;
  }

  call(callId: string, tool: string, args: RequestedCall['args']): void {
    const key = `${tool} ${JSON.stringify(args)}`;
    if (this.#calls.has(key) || this.#calls.size >= CALLS_MAX) return;
    this.#calls.set(key, { callId: cleanText(callId, CALL_ID_MAX_CHARS) || null, tool, args });
  }

  /** What stands where a verdict belongs, and what it rests on: those that agree are taken together. */
  verdict(word: ReadWord, reasons: readonly string[], evidence: readonly string[]): void {
    if (word === 'unknown') this.problem('the verdict must be one of the words allow, block and unsure');
    if (typeof word === 'string') return;
    this.#verdicts.add(word.verdict);
    for (const reason of [...reasons, word.rest]) this.#reasons.add(oneLine(reason));
    for (const id of evidence.flatMap(ids)) this.#evidence.add(id);
  }

  /** Something is wrong; the first such thing is told, if it comes to that. */
  problem(why: string): void {
    this.#problem ??= why;
  }

  /** What it comes to. Calls come before verdicts, since their author has not seen the results yet; verdicts must agree. */
  settle(said: string): ModelReply {
    if (this.#calls.size > 0) return { kind: 'calls', calls: [...this.#calls.values()], said };
    const [verdict, other] = this.#verdicts;
    if (this.#problem !== null) return unreadable(this.#problem, said);
    // What an object that never ends holds may be told of there, such as what a page demands.
    if (this.json.sawCut) return unreadable('it ends in the middle of a JSON object', said);
    if (other !== undefined) return unreadable('it holds verdicts that contradict each other', said);
    if (verdict === undefined) return unreadable('it holds neither a tool call nor a verdict', said);
    const reasons = [...this.#reasons].filter((reason) => reason !== '').slice(0, REASONS_MAX);
    const evidence = [...this.#evidence].filter((id) => id !== '').slice(0, EVIDENCE_MAX);
    return { kind: 'verdict', verdict, reasons, evidence, said };
  }
}

/** A reply that says nothing that counts; `why` without its full stop. */
export function unreadable(why: string, said: string): ModelReply {
  return { kind: 'unreadable', why: `${cleanText(why, WHY_MAX_CHARS)}.`, said };
}

/** The ids in a citation, such as "[E3]" and "E1, E2"; as it was written when there are none. */
function ids(text: string): readonly string[] {
  const found = text.slice(0, 400).match(ID);
  return found?.map((id) => id.toUpperCase()) ?? [oneLine(text, ID_MAX_CHARS)];
}

function oneLine(text: string, maxChars?: number): string {
  return cleanText(text.slice(0, 1_200).replace(/\s+/g, ' ').trim(), maxChars);
}
