/** A number of flows, and what became of them. Times are Unix milliseconds, null when there are none. */
export interface Seen {
  readonly flows: number;
  readonly allowed: number;
  readonly blocked: number;
  /** They wait for a decision. */
  readonly held: number;
  /** Nobody decided, so that `policy.unattended` did; they are among the others too. */
  readonly defaulted: number;
  readonly first: number | null;
  readonly last: number | null;
}

/** What this machine saw of a domain and of a program; all names in it are hostile text. */
export interface DomainHistory {
  /** The newest flows were looked through, so many; `since` is when the first of them was. `isWhole`: there are no others. */
  readonly looked: { readonly flows: number; readonly since: number | null; readonly isWhole: boolean };
  readonly domain: Seen & {
    /** Those with most flows. */
    readonly programs: readonly {
      readonly name: string | null;
      readonly path: string | null;
      readonly flows: number;
    }[];
    readonly programCount: number;
  };
  readonly app: Seen & {
    /** Other domains from the asked moment on; those with most flows. */
    readonly others: readonly { readonly domain: string; readonly flows: number }[];
    readonly otherCount: number;
    /** Flows to addresses without a name, from then on. */
    readonly bare: number;
  };
}
