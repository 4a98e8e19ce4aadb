import type { Inquiry, JudgeInput } from '../../model/inquiry.ts';
import type { JudgeCheck } from '../../schema/judge.ts';
import type { Judgement } from './kept-verdicts.ts';
import type { Alive } from './server.ts';

/** Told of what an inquiry has found so far, in sentences for a person. */
export type OnFindings = (findings: readonly string[]) => void;

/** One configured model with its tools. Nothing of it rejects. */
export interface JudgeSetup extends Judgement {
  readonly apiUrl: string;
  isAlive(limitMs: number): Promise<Alive>;
  investigate(input: JudgeInput, id: number, onFindings: OnFindings, signal: AbortSignal): Promise<Inquiry>;
  /** Runs an inquiry again from its stored tool results. */
  replay(inquiry: Inquiry, id: number, signal: AbortSignal): Promise<Inquiry>;
  /** Finds out what the server can do. */
  check(signal: AbortSignal): Promise<JudgeCheck>;
}
