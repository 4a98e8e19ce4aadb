import type { CheckItem } from '../model/check-item.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { InterceptPlan } from '../model/intercept-plan.ts';

export type OriginalDst =
  | { readonly kind: 'redirected'; readonly dst: Endpoint }
  /** The connection was made straight to the proxy. */
  | { readonly kind: 'direct' }
  | { readonly kind: 'failed'; readonly error: string };

export type ProbeResult =
  /** `detail`: what a person may want to know although it works. */
  | { readonly state: 'enforced'; readonly detail?: string }
  | { readonly state: 'not_enforced'; readonly detail: string }
  | { readonly state: 'no_route'; readonly detail: string };

/** What a kernel told of our rules. */
export type RulesNews =
  /** Somebody else changed them or took them away; `by` names the program. */
  | { readonly kind: 'changed'; readonly by: string }
  /** `resolagent reset` put them out of force, and ends the engine next. */
  | { readonly kind: 'released' }
  /** Something may have happened unseen. */
  | { readonly kind: 'missed' };

/** The accepted socket, as an interceptor needs it. */
export interface Accepted {
  readonly fd: number;
  /** The program's end. */
  readonly peer: Endpoint;
  /** Our end, on loopback. */
  readonly local: Endpoint;
}

/**
 * What both kernels implement: put the redirect in place, take it away, and tell where a redirected connection was going.
 * Every method but `originalDst` runs programs with absolute paths, argument arrays and a time limit.
 */
export interface Interceptor {
  /** What the machine needs and has; changes nothing. */
  check(): Promise<readonly CheckItem[]>;
  /** Loads the rules in one transaction, replacing any of ours that are there. Throws with the tool's own words. */
  install(plan: InterceptPlan): Promise<void>;
  /** Takes our rules away; no error when there are none. Needs no state of a former run. */
  remove(): Promise<void>;
  /**
   * Tells within milliseconds when somebody else touches our rules, until the returned function is called. A kernel that does not tell
   * leaves it to `probe`.
   */
  watch(onNews: (news: RulesNews) => void): () => void;
  /** True when the rules that `install` loaded last are in the kernel (text check; the functional check is `probe`). */
  installed(): Promise<boolean>;
  /** Where an accepted connection was going. Synchronous, microseconds, never throws. */
  originalDst(accepted: Accepted): OriginalDst;
  /**
   * Opens one connection the way any other program would, to an address that is never routed. The engine recognises it
   * by the returned destination and calls `seen`; without that within `timeoutMs` the redirect is not working.
   */
  probe(timeoutMs: number): Promise<ProbeResult>;
  /** Told of every accepted connection first; true when it was the probe's own, which is then closed unrecorded. */
  isProbe(dst: Endpoint): boolean;
}
