/** One thing the machine must have, and whether it has it. */
export interface CheckItem {
  /** What was looked at, in a few words: `nft`, `root`, `kernel nat support`. */
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail' | 'unknown';
  /** What was found. */
  readonly detail: string;
  /** What the reader can do about it; null when nothing needs doing. */
  readonly remedy: string | null;
}
