import type { Origin } from '../../src/model/flow.ts';
import { interestingParent } from '../../src/model/parent.ts';
import { clean } from '../draw/text.ts';

/** `curl ‹ bash`, or what is known of a program that could not be told; clean, not cut. */
export function programLabel(origin: Origin): string {
  const name = origin.name ?? (origin.pid === null ? 'unknown' : `pid ${origin.pid}`);
  const parent = interestingParent(origin);
  return parent === null ? clean(name) : `${clean(name)} ‹ ${clean(parent)}`;
}
