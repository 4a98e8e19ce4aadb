import type { CheckItem } from '../src/intercept/interceptor.ts';
import { NATIVE_CHECKS } from './doctor-native.ts';
import { SYSTEM_CHECKS } from './doctor-system.ts';
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
  /** The name of the engine's own group. */
  readonly group: string;
  /** An IPv4 address that no answer comes from unless pf refuses the question: of a range that is never routed. */
  readonly nowhere: string;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
}

/** What a check found, without its name. */
export type Finding = Omit<CheckItem, 'name'>;

/** One thing that could not be proven without a Mac. Its name is the one in the table of pf/README.md. */
export interface DarwinCheck {
  readonly name: string;
  readonly look: (parts: DoctorParts) => Finding | Promise<Finding>;
}

/** Every check, in the order they are shown. */
export const DARWIN_CHECKS: readonly DarwinCheck[] = [...NATIVE_CHECKS, ...SYSTEM_CHECKS];

/** Tests on this Mac what was only read in its sources. Changes nothing; takes a few seconds. A check that fails to run is `unknown`. */
export async function darwinChecks(parts: DoctorParts): Promise<readonly CheckItem[]> {
  const items: CheckItem[] = [];
  for (const check of DARWIN_CHECKS) items.push({ name: check.name, ...(await look(check, parts)) });
  return items;
}

async function look(check: DarwinCheck, parts: DoctorParts): Promise<Finding> {
  try {
    return await check.look(parts);
  } catch (error) {
    return { state: 'unknown', detail: error instanceof Error ? error.message : String(error), remedy: null };
  }
}
