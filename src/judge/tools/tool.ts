import { z } from 'zod';
import type { Host, RegistrableDomain } from '../../model/brand.ts';
import type { EvidenceSource, Fact } from '../../model/inquiry.ts';
import type { Blocked, ReachOptions } from '../../net/reachable.ts';
import type { ToolName } from '../core/model.ts';

const HOST_MAX_CHARS = 260;

/** What an inquiry gives its tools. */
export interface ToolContext {
  /** The name and domain under inquiry. */
  readonly host: Host;
  readonly domain: RegistrableDomain;
  readonly app: { readonly name: string | null; readonly path: string | null };
  /** Whether a tool may ask about a name: it lies under the domain, or a tool returned it. */
  mayAsk(host: Host): boolean;
  /** Makes a name that a result told of (a CNAME, a name server, where a redirect led) one that may be asked about. */
  learn(host: Host): void;
}

/**
 * What a tool tells, one a line, which is cleaned, capped and fenced before a model reads it, with the facts in it; or why there is
 * nothing, in one sentence.
 */
export type Told =
  | { readonly lines: readonly string[]; readonly facts: readonly Fact[] }
  | { readonly failed: string };

/** One tool, which asks about one host a call. */
export interface Tool<S extends z.ZodObject = z.ZodObject> {
  readonly name: ToolName;
  /** Whose words it tells. */
  readonly source: EvidenceSource;
  /** For the model: what it tells, in one or two sentences. */
  readonly description: string;
  readonly args: S;
  /** Longest time of one call, milliseconds; the tool box keeps it. */
  readonly limitMs: number;
  /** The host that a call asks about, as the model wrote it. */
  hostOf(args: z.infer<S>, context: ToolContext): string;
  /** Asks about a host that the inquiry may ask about. Never rejects; left where its signal does not end it. */
  ask(host: Host, args: z.infer<S>, context: ToolContext, signal: AbortSignal): Promise<Told>;
}

/** How tools reach the network. */
export interface ToolNetwork extends ReachOptions {
  /** Asked before each connection to whoever owns a name. */
  readonly blocked: Blocked;
  /** Certificates (PEM) to trust in place of the well-known ones; for tests. */
  readonly ca?: string | undefined;
  /** Where a port of the internet is on this machine; for tests. */
  readonly ports?: ReadonlyMap<number, number> | undefined;
}

/** The argument that names a host. */
export function hostArg(description: string): z.ZodString {
  return z.string().min(1).max(HOST_MAX_CHARS).describe(description);
}
