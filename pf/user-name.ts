import type { Uid } from '../src/model/brand.ts';
import type { Run } from './runner.ts';

const ID = '/usr/bin/id';
const ID_TIMEOUT_MS = 3_000;

/** Asks macOS for the name of a user, from Open Directory or any other place it knows; null when there is none or no answer. */
export async function userName(run: Run, uid: Uid): Promise<string | null> {
  try {
    const result = await run({ path: ID, args: ['-un', String(uid)], timeoutMs: ID_TIMEOUT_MS });
    const name = result.stdout.trim();
    // For an unknown user `id` fails, or prints the number again.
    return result.code === 0 && /^[^\s\0]{1,255}$/.test(name) && name !== String(uid) ? name : null;
  } catch {
    return null; // Without `id` users stay numbers.
  }
}
