import type { CheckItem } from '../src/model/check-item.ts';
import type { DarwinNative } from './native.ts';
import type { Run } from './runner.ts';

/** What the checks are made of. */
export interface DoctorParts {
  readonly run: Run;
  /** The calls of macOS, or why they cannot be made. */
  readonly native: DarwinNative | string;
  readonly tokenFile: string;
  /** This program's file. */
  readonly program: string;
  readonly proxyPort: number;
  /** An IPv4 address that no answer comes from unless pf refuses the question (`freeAddress`); null when there is none. */
  readonly nowhere: string | null;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
}

/** What a check found, without its name. */
export type Finding = Omit<CheckItem, 'name'>;

/** One thing that could not be proven without a Mac. Its name is the one in the table of docs/macos.md. */
export interface DarwinCheck {
  readonly name: string;
  readonly look: (parts: DoctorParts) => Finding | Promise<Finding>;
}
