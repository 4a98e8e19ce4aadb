import type { Stats } from 'node:fs';

const GROUP_OR_OTHERS_WRITE = 0o022;
const GROUP_OR_OTHERS = 0o077;

/** Whether a file or folder belongs to root or to the user of this process. */
export function isOwn({ uid }: Stats): boolean {
  return uid === 0 || uid === process.geteuid?.();
}

/** Whether users other than its owner can write it. */
export function othersMayWrite({ mode }: Stats): boolean {
  return (mode & GROUP_OR_OTHERS_WRITE) !== 0;
}

/** Whether users other than its owner can do anything with it. */
export function othersMayUse({ mode }: Stats): boolean {
  return (mode & GROUP_OR_OTHERS) !== 0;
}
