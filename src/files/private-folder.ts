import { lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isOwn, othersMayWrite } from './ownership.ts';

const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;

/**
 * Makes sure that a folder exists (made 0700 if it is missing, its parents 0755) and that nobody but root and us can put files
 * into it or swap it for another. Throws an error that says what is wrong and what to do.
 */
export function ensurePrivateDir(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    mkdirSync(path, { mode: 0o700 });
  }
  const found = lstatSync(path);
  if (found.isSymbolicLink())
    throw new Error(`${path} is a symbolic link; remove it or name the folder it leads to`);
  if (!found.isDirectory()) throw new Error(`${path} is not a folder; move it away`);
  if (!isOwn(found))
    throw new Error(`${path} belongs to user id ${found.uid}; chown it or name another folder`);
  if (othersMayWrite(found))
    throw new Error(`${path} can be written by other users; run: chmod go-w ${path}`);
  checkParents(realpathSync(dirname(path)));
}

/** Whoever can rename a parent folder can swap what is in it. */
function checkParents(path: string): void {
  const found = statSync(path);
  const swappable = (found.mode & OTHERS_WRITE) !== 0 && (found.mode & STICKY) === 0;
  if (swappable || !isOwn(found)) {
    throw new Error(`${path}, a parent of the folder, can be changed by other users; name another folder`);
  }
  if (dirname(path) !== path) checkParents(dirname(path));
}
