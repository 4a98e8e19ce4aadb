import type { Config } from '../../config/schema.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { ListKeeper } from '../../lists/keeper.ts';
import type { PolicyVersion } from '../../model/policy-version.ts';
import type { Acceptor } from '../../proxy/acceptor.ts';
import type { RuleBook } from '../../rules/rule-book.ts';
import type { Status } from '../../schema/status.ts';
import type { FeedbackBook } from '../../scoring/feedback-book.ts';
import type { Asking } from '../asking.ts';
import type { Decider } from '../decider.ts';

/** The engine, as the messages of the control socket see it. */
export interface Controlled {
  /** The configuration in force. */
  readonly config: Config;
  readonly decider: Decider;
  readonly acceptor: Acceptor;
  readonly asking: Asking;
  readonly ledger: Ledger;
  readonly rules: RuleBook;
  readonly lists: ListKeeper;
  readonly feedback: FeedbackBook;
  status(): Status;
  /** The version of the policy in force. */
  policyVersion(): PolicyVersion;
  /** Tries whether connections come through the kernel to us. */
  probe(): Promise<Status['enforcement']>;
  /** What decisions rest on changed: flows are asked again. Returns how many were reset. */
  policyChanged(): Promise<number>;
  /** Stops the engine, soon. */
  shutdown(): void;
}
