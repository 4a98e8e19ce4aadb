import type { Config } from '../../config/schema.ts';
import type { Inquiry, KeptVerdict } from '../../model/inquiry.ts';
import type { Background } from './input.ts';
import type { VerdictStore } from './kept-verdicts.ts';
import type { JudgeSetup } from './setup.ts';

/** What the judge remembers over restarts. */
export interface JudgeMemory {
  readonly verdicts: readonly KeptVerdict[];
  /** Tokens of the last 24 hours. */
  readonly tokens: number;
  /** The greatest id an inquiry ever had. */
  readonly lastInquiry: number;
}

/** Where inquiries and verdicts are written down. */
export interface JudgeStore extends VerdictStore {
  recordInquiry(inquiry: Inquiry): void;
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
