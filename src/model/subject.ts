import type { Host, Ip, RegistrableDomain, UnixMs } from './brand.ts';
import type { Origin, Sniff } from './flow.ts';

/** What is known of a connection when it is decided. */
export interface Subject {
  readonly origin: Origin;
  /** The name the client asked for; null for a bare address. */
  readonly host: Host | null;
  /**
   * What a judge's verdict on the name, or a person's on its domain, counts for: the registrable domain; of a customer's name in an
   * operator's zone the name itself. Null where the name has none. Derived once, where the subject is made.
   */
  readonly domain: RegistrableDomain | null;
  /** The address dialled; null only where there is no connection (`explain` of a name that was not resolved). */
  readonly ip: Ip | null;
  readonly port: number;
  /** What the first bytes told; null where there is no connection. */
  readonly sniff: Sniff | null;
  /** The clock: rules that ended by then do not exist. */
  readonly now: UnixMs;
}
