import { cleanText } from '../../model/clean.ts';
import type { JudgeKind, RequestedCall } from '../../model/inquiry.ts';
import type { ModelReply } from '../core/model.ts';
import type { Args } from './args.ts';
import { LooseJson } from './loose-json.ts';

export const CALLS_MAX = 8;
const REASONS_MAX = 8;
const REASON_MAX_CHARS = 300;
const EVIDENCE_MAX = 16;
const ID_MAX_CHARS = 40;
const CALL_ID_MAX_CHARS = 100;
/** Verdicts of one reply that are compared. */
const VERDICTS_MAX = 32;

interface ReadVerdict {
  readonly verdict: JudgeKind;
  readonly reasons: readonly string[];
  readonly evidence: readonly string[];
}

/** Collects what one reply says, wherever and however often it says it, and weighs it at the end. */
export class Answers {
  /** All JSON of one reply is read within the same bounds. */
  readonly json = new LooseJson();
  readonly #calls: RequestedCall[] = [];
  readonly #verdicts: ReadVerdict[] = [];
  #problem: string | null = null;
  #isExample = false;

  get isEmpty(): boolean {
    return this.#calls.length === 0 && this.#verdicts.length === 0 && this.#problem === null;
  }

  /** A call; the same one twice counts once. */
  call(callId: string | null, tool: string, args: Args): void {
    if (args.kind === 'bad') {
      this.problem(`the arguments of ${tool} ${args.why}`);
      return;
    }
    const id = callId === null || callId === '' ? null : cleanText(callId, CALL_ID_MAX_CHARS);
    const text = JSON.stringify(args.args);
    const isKnown = this.#calls.some((one) => one.tool === tool && JSON.stringify(one.args) === text);
    if (!isKnown && this.#calls.length < CALLS_MAX) this.#calls.push({ callId: id, tool, args: args.args });
  }

  verdict(verdict: JudgeKind, reasons: readonly string[], evidence: readonly string[]): void {
    if (this.#verdicts.length < VERDICTS_MAX) this.#verdicts.push({ verdict, reasons, evidence });
  }

  /** Reasons and citations that stand apart from the verdict they belong to. */
  support(reasons: readonly string[], evidence: readonly string[]): void {
    const last = this.#verdicts.at(-1);
    if (last !== undefined) this.verdict(last.verdict, reasons, evidence);
  }

  /** Something is wrong; the first such thing is told, if it comes to that. Always true. */
  problem(why: string): true {
    this.#problem ??= why;
    return true;
  }

  /** A call or verdict that is only a pattern of one. */
  sawExample(): void {
    this.#isExample = true;
  }

  /**
   * What it comes to. Calls come before verdicts, since their author has not seen the results yet; verdicts must agree, and are taken
   * together.
   */
  weigh(said: string): ModelReply {
    if (this.#calls.length > 0) return { kind: 'calls', calls: this.#calls, said };
    const [first] = this.#verdicts;
    if (first === undefined || this.#problem !== null) return this.#unreadable(said);
    if (this.#verdicts.some(({ verdict }) => verdict !== first.verdict)) {
      return unreadable('it holds verdicts that contradict each other', said);
    }
    const reasons = this.#verdicts
      .flatMap((one) => one.reasons)
      .map((text) => oneLine(text, REASON_MAX_CHARS));
    const evidence = this.#verdicts.flatMap((one) => one.evidence).flatMap(ids);
    return {
      kind: 'verdict',
      verdict: first.verdict,
      reasons: distinct(reasons).slice(0, REASONS_MAX),
      evidence: distinct(evidence).slice(0, EVIDENCE_MAX),
      said,
    };
  }

  #unreadable(said: string): ModelReply {
    if (this.#problem !== null) return unreadable(this.#problem, said);
    if (this.json.sawCut) return unreadable('it ends in the middle of a JSON object', said);
    return unreadable(
      this.#isExample
        ? 'it holds an example only, neither a tool call nor a verdict'
        : 'it holds neither a tool call nor a verdict',
      said,
    );
  }
}

/** A reply that says nothing that counts; `why` without its full stop. */
export function unreadable(why: string, said: string): ModelReply {
  return { kind: 'unreadable', why: `${cleanText(why, 190)}.`, said };
}

function oneLine(text: string, max: number): string {
  return cleanText(
    text
      .slice(0, max * 4)
      .replace(/\s+/g, ' ')
      .trim(),
    max,
  );
}

/** The ids in a citation; as it was written when there are none. */
function ids(text: string): readonly string[] {
  const found = text.slice(0, 400).match(/(?<![a-z0-9])e\d{1,3}(?![a-z0-9])/gi);
  return found === null ? [oneLine(text, ID_MAX_CHARS)] : found.map((id) => id.toUpperCase());
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].filter((text) => text !== '');
}
