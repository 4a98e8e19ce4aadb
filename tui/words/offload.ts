import type { Status } from '../../src/schema/status.ts';

/** What is wrong with the thread that moves bytes, and what that means; null when nothing is. */
export function offloadTrouble({ state }: Status['offload']): string | null {
  if (state === 'silent')
    return 'the thread that moves bytes does not answer · the engine is ended if that lasts';
  return state === 'ended'
    ? 'the thread that moves bytes ended · large transfers cost more until a restart'
    : null;
}
