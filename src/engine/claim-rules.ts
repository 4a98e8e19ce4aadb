import { type EngineLock, takeEngineLock } from '../control/engine-lock.ts';
import { openLibc } from '../system/libc.ts';

/**
 * Makes sure that no other engine has its rules in this kernel or network namespace: two would replace each other's for ever. Gives what
 * lets the next one in; throws a sentence with the pid of the other one and the remedy. A lock file that cannot be made, for want of
 * privilege, is told of and stops nobody.
 */
export function claimRules(path: string, notice: (text: string) => void): () => void {
  let lock: EngineLock;
  try {
    lock = takeEngineLock(openLibc(), path);
  } catch (error) {
    notice(`${String(error)}: a second engine beside this one would not be noticed`);
    return () => undefined;
  }
  if (lock.kind === 'held') return lock.release;
  const [which, remedy] = lock.pid === null ? ['', ''] : [` (pid ${lock.pid})`, `: kill ${lock.pid}`];
  throw new Error(
    `another engine${which} already filters this network, on another --socket; there can be one only, so stop it first${remedy}`,
  );
}
