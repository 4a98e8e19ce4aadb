import type { Config } from '../../config/schema.ts';
import type { Host, RegistrableDomain, UnixMs } from '../../model/brand.ts';
import type { Evidence } from '../../model/flow.ts';
import type { Inquiry, JudgeInput, KeptVerdict } from '../../model/inquiry.ts';
import type { Subject } from '../../model/subject.ts';
import type { JudgeCheck } from '../../schema/judge.ts';
import type { ServerAlive } from '../client/server-check.ts';

/** Which model said it, on which prompt: a verdict of another is none. */
export interface Judgement {
  readonly model: string;
  readonly promptVersion: string;
}

/** One configured model with its tools. Nothing of it rejects. */
export interface JudgeSetup extends Judgement {
  isAlive(limitMs: number): Promise<ServerAlive>;
  /** `onFindings` is told of what was found so far, in sentences for a person. */
  investigate(
    input: JudgeInput,
    id: number,
    onFindings: (findings: readonly string[]) => void,
    signal: AbortSignal,
  ): Promise<Inquiry>;
  /** Runs an inquiry again from its stored tool results. */
  replay(inquiry: Inquiry, id: number, signal: AbortSignal): Promise<Inquiry>;
  /** Finds out what the server can do. */
  check(signal: AbortSignal): Promise<JudgeCheck>;
}

/** What the scores and the ledger say of a connection before its inquiry. */
export interface Background {
  scores(subject: Subject): readonly Evidence[];
  /** The scores put the name past a block threshold. */
  pastBlock(host: Host): boolean;
  /** What our own tables say for a name, in a sentence; null when they do not know it. */
  listed(host: Host): string | null;
  /** When this machine first saw a program. */
  firstSeen(app: string | null): Promise<UnixMs | null>;
}

/** What the judge remembers over restarts. */
export interface JudgeMemory {
  readonly verdicts: readonly KeptVerdict[];
  /** Tokens of the last 24 hours. */
  readonly tokens: number;
  /** The greatest id an inquiry ever had. */
  readonly lastInquiry: number;
}

/** Where inquiries and verdicts are written down, and verdicts outlive the engine. */
export interface JudgeStore {
  recordInquiry(inquiry: Inquiry): void;
  keepVerdict(verdict: KeptVerdict): void;
  forgetVerdict(domain: RegistrableDomain): void;
}

/** What the judge is made of. */
export interface JudgingParts {
  readonly store: JudgeStore;
  readonly memory: JudgeMemory;
  readonly background: Background;
  /** Makes the model and its tools as configured, or says what is missing. */
  readonly setUp: (config: Config) => JudgeSetup | { readonly error: string };
  readonly notice: (text: string) => void;
  /** The server came or went: the policy must be made anew. */
  readonly stateChanged: () => void;
  /** Counts or findings changed. */
  readonly changed: () => void;
}
