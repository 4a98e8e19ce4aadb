import type { Endpoint } from '../model/endpoint.ts';
import type { Origin } from '../model/flow.ts';

/**
 * Tells which program holds the other end of an accepted connection. `lookup` answers at once when the fast path does
 * (a value, no promise), else a promise that settles before `deadlineMs`; it never rejects, unknown is a value.
 */
export interface Attributor {
  lookup(client: Endpoint, originalDst: Endpoint, deadlineMs: number): Origin | Promise<Origin>;
  close(): void;
}

/** What is said of a program nothing is known of. */
export function unknownOrigin(why: NonNullable<Origin['unknown']>): Origin {
  return {
    pid: null,
    path: null,
    name: null,
    uid: null,
    user: null,
    parents: [],
    signer: null,
    responsiblePid: null,
    unknown: why,
  };
}
