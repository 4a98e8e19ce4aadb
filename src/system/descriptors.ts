import type { Libc } from './libc.ts';
import { nativeMemory } from './native-memory.ts';

const RLIMIT_NOFILE = { linux: 7, darwin: 8 } as const;

/**
 * Raises the number of descriptors this process may have open to `wanted`, or to the hard limit when that is lower, and
 * returns the limit now in force. Never lowers it. Null when the kernel would not say.
 */
export function raiseOpenFiles(libc: Libc, wanted: number): number | null {
  const which = RLIMIT_NOFILE[libc.platform];
  const limit = nativeMemory(16);
  if (libc.c.getrlimit(which, limit.address) !== 0) return null;
  const soft = limit.view.getBigUint64(0, true);
  const hard = limit.view.getBigUint64(8, true);
  if (soft >= BigInt(wanted)) return Number(soft);
  // Root may also raise the hard limit (CAP_SYS_RESOURCE); where it may not, the old hard limit has to do.
  for (const ceiling of [hard > BigInt(wanted) ? hard : BigInt(wanted), hard]) {
    const target = ceiling < BigInt(wanted) ? ceiling : BigInt(wanted);
    limit.view.setBigUint64(0, target, true);
    limit.view.setBigUint64(8, ceiling, true);
    if (libc.c.setrlimit(which, limit.address) === 0) return Number(target);
  }
  return Number(soft);
}
