import type { Origin } from '../../model/flow.ts';
import type { Rule } from '../../model/rule.ts';
import type { Subject } from '../../model/subject.ts';
import { isProgramUnknown, isUserUnknown } from '../../model/unknown-origin.ts';

/** A rule, ready to be compared. */
export interface Entry {
  readonly rule: Rule;
  /** The user of the rule when it is written as a uid, else null. */
  readonly uid: number | null;
}

/** The rules of one host pattern; every list holds the more specific rule first (see `bySpecificity`). */
export interface Bucket {
  /** By path or file name. */
  readonly byApp: Map<string, Entry[]>;
  /** Those of `byApp` that block: for connections whose program is not known, which may be any. */
  readonly appBlocks: Entry[];
  readonly anyApp: Entry[];
}

/** What a search collects: null to stop at the first rule, else all up to `limit`. */
export type Found = { readonly rules: Rule[]; readonly limit: number } | null;

/** Orders rules of equal host and app; createdAt and id only make the answer the same every time. */
export function bySpecificity(a: Entry, b: Entry): number {
  return (
    Number(b.rule.user !== null) - Number(a.rule.user !== null) ||
    Number(b.rule.port !== null) - Number(a.rule.port !== null) ||
    Number(b.rule.until !== null) - Number(a.rule.until !== null) ||
    Number(b.rule.action === 'block') - Number(a.rule.action === 'block') ||
    b.rule.createdAt - a.rule.createdAt ||
    (a.rule.id < b.rule.id ? -1 : 1)
  );
}

/** The most specific rule of a bucket that covers a connection; null when there is none, or all are to be collected. */
export function searchBucket(bucket: Bucket, subject: Subject, found: Found): Rule | null {
  return (
    (bucket.byApp.size > 0 ? searchApps(bucket, subject, found) : null) ??
    searchList(bucket.anyApp, subject, found, false)
  );
}

/** A program that is not known may be any: what blocks some program blocks it, and what allows one never serves it. */
function searchApps({ byApp, appBlocks }: Bucket, subject: Subject, found: Found): Rule | null {
  const { path, name, parents }: Origin = subject.origin;
  let rule = searchApp(byApp, path, name, subject, found);
  if (path === null && isProgramUnknown(subject.origin))
    return rule ?? searchList(appBlocks, subject, found, false);
  for (let i = 0; i < parents.length && rule === null; i++) {
    const parent = parents[i];
    if (parent !== undefined) rule = searchApp(byApp, parent.path, parent.name, subject, found);
  }
  return rule;
}

/**
 * Rules for one program of the chain. A program whose path the kernel would not tell is known only by the name it may have
 * given itself: enough to block it, not to allow it.
 */
function searchApp(
  byApp: Bucket['byApp'],
  path: string | null,
  name: string | null,
  subject: Subject,
  found: Found,
): Rule | null {
  if (path === null) return name === null ? null : searchList(byApp.get(name), subject, found, true);
  return (
    searchList(byApp.get(path), subject, found, false) ??
    searchList(byApp.get(fileName(path, name)), subject, found, false)
  );
}

/** The last part of a path; `name` usually is it, and then no string is made. */
function fileName(path: string, name: string | null): string {
  const at = path.lastIndexOf('/') + 1;
  return name !== null && path.length - at === name.length && path.endsWith(name) ? name : path.slice(at);
}

function searchList(
  entries: readonly Entry[] | undefined,
  subject: Subject,
  found: Found,
  onlyBlock: boolean,
): Rule | null {
  if (entries === undefined) return null;
  for (const entry of entries) {
    const { rule } = entry;
    if ((onlyBlock && rule.action !== 'block') || !covers(entry, subject)) continue;
    if (found === null) return rule;
    if (found.rules.includes(rule)) continue;
    found.rules.push(rule);
    if (found.rules.length >= found.limit) return rule;
  }
  return null;
}

function covers({ rule, uid }: Entry, { origin, port, now }: Subject): boolean {
  if (rule.port !== null && rule.port !== port) return false;
  if (rule.until !== null && rule.until <= now) return false;
  if (rule.user === null || rule.user === origin.user || (uid !== null && uid === origin.uid)) return true;
  return rule.action === 'block' && isUserUnknown(origin);
}

/** What a rule that covers a connection names and the connection does not tell. */
export interface Guessed {
  readonly program: boolean;
  readonly user: boolean;
}

/** Which of what a rule names counts as met only because it is not known; null when nothing does. */
export function guessedOf({ app, user }: Rule, origin: Origin): Guessed | null {
  if (origin.path !== null) return null;
  const program = app !== null && app !== origin.name && isProgramUnknown(origin);
  const ofUser = user !== null && isUserUnknown(origin);
  return program || ofUser ? { program, user: ofUser } : null;
}
