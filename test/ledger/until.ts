import { until as untilWithin } from '../until.ts';

/** Waits for a condition; throws with `what` when it does not come true in ten seconds. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  await untilWithin(what, 10_000, condition);
}
