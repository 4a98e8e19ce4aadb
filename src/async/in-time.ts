import { setTimeout as sleep } from 'node:timers/promises';

/** What a promise gives, or null when it fails or takes longer: for what can be done without. */
export async function inTime<T>(promise: Promise<T>, limitMs: number): Promise<T | null> {
  const end = new AbortController();
  try {
    return await Promise.race([promise.catch(() => null), sleep(limitMs, null, { signal: end.signal })]);
  } finally {
    end.abort();
  }
}
