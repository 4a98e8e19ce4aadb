import type { CheckItem } from '../src/model/check-item.ts';
import type { DarwinCheck, DoctorParts, Finding } from './doctor-check.ts';
import { NATIVE_CHECKS } from './doctor-native.ts';
import { SYSTEM_CHECKS } from './doctor-system.ts';

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
