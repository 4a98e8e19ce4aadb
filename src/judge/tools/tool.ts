import type { z } from 'zod';
import type { Host, Ip, RegistrableDomain } from '../../model/brand.ts';
import type { EvidenceSource } from '../../model/inquiry.ts';
import type { ToolName } from '../core/model.ts';

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

/** What a tool found out. `text` is plain lines for the model; it is cleaned, capped and fenced by the runner. */
export type ToolOutcome =
  | { readonly kind: 'ok'; readonly source: EvidenceSource; readonly text: string }
  /** Nothing can rest on it; `why` is one sentence. */
  | { readonly kind: 'failed'; readonly why: string };

/** One tool: what it is called with, how long it may take, and what it does. Never rejects; ends by the signal. */
export interface Tool<S extends z.ZodObject = z.ZodObject> {
  readonly name: ToolName;
  /** For the model: what it tells, in one or two sentences. */
  readonly description: string;
  readonly args: S;
  /** Longest time of one call, milliseconds. */
  readonly limitMs: number;
  run(args: z.infer<S>, context: ToolContext, signal: AbortSignal): Promise<ToolOutcome>;
}

/** What the lists say of a name or address before a tool connects to it; null when nothing. */
export type Blocked = (host: Host | null, ip: Ip | null) => string | null;

/** How tools reach the network. */
export interface ToolNetwork {
  /** Allows addresses that are not on the internet; for tests. */
  readonly allowLoopback: boolean;
  /** Certificates (PEM) to trust in place of the well-known ones; for tests. */
  readonly ca?: string | undefined;
}
