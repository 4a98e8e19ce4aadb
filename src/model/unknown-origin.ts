import type { Origin, UnknownOrigin } from './flow.ts';

/** What follows from a reason why a program could not be told. */
interface Consequence {
  /** Somebody looked and did not find it, so that it may be any; else nobody could look, and rules by program say nothing. */
  readonly mayBeAny: boolean;
  /** A later look may find it. */
  readonly mayBeFound: boolean;
}

const CONSEQUENCES: Record<UnknownOrigin, Consequence> = {
  // No process ever holds a socket again that all have closed.
  socket_gone: { mayBeAny: true, mayBeFound: false },
  no_process: { mayBeAny: true, mayBeFound: true },
  pid_reused: { mayBeAny: true, mayBeFound: true },
  not_permitted: { mayBeAny: true, mayBeFound: false },
  timed_out: { mayBeAny: true, mayBeFound: true },
  not_looked_at: { mayBeAny: false, mayBeFound: false },
  not_supported: { mayBeAny: false, mayBeFound: false },
};

/**
 * Whether the program of a connection was looked for and not found: what a rule blocks for some program is then blocked. Of
 * what is no connection (a question about a name, a program that somebody only names) nothing is unknown.
 */
export function isProgramUnknown({ path, pid, unknown }: Origin): boolean {
  if (path !== null) return false;
  // A process without a path is ending, or hides it: its name is what it called itself.
  return unknown === null ? pid !== null : CONSEQUENCES[unknown].mayBeAny;
}

/** The same for the user. */
export function isUserUnknown({ uid, user, unknown }: Origin): boolean {
  return uid === null && user === null && unknown !== null && CONSEQUENCES[unknown].mayBeAny;
}

/** Whether asking the kernel once more may tell a program that is not known. */
export function mayBeFoundLater({ path, unknown }: Origin): boolean {
  return unknown === null ? path === null : CONSEQUENCES[unknown].mayBeFound;
}
