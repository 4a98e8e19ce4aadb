import { z } from 'zod';
import type { Host, RegistrableDomain } from '../../model/brand.ts';
import { cleanText } from '../../model/clean.ts';
import { normalizeHost } from '../../model/host.ts';
import type { EvidenceSource } from '../../model/inquiry.ts';
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

/** What a tool found out. `text` is plain lines for the model; it is cleaned, capped and fenced by the runner. */
export type ToolOutcome =
  | { readonly kind: 'ok'; readonly source: EvidenceSource; readonly text: string }
  /** Nothing can rest on it; `why` is one sentence. */
  | { readonly kind: 'failed'; readonly why: string };

/** One tool: what it is called with, how long it may take, and what it does. Never rejects; left where its signal does not end it. */
export interface Tool<S extends z.ZodObject = z.ZodObject> {
  readonly name: ToolName;
  /** For the model: what it tells, in one or two sentences. */
  readonly description: string;
  readonly args: S;
  /** Longest time of one call, milliseconds; the tool box keeps it. */
  readonly limitMs: number;
  run(args: z.infer<S>, context: ToolContext, signal: AbortSignal): Promise<ToolOutcome>;
}

/** Facts, one a line, or why there are none. */
export type Told = readonly string[] | { readonly failed: string };

/** A tool that asks about one host. */
export interface HostTool<S extends z.ZodObject> extends Omit<Tool<S>, 'run'> {
  readonly source: EvidenceSource;
  /** The host that a call asks about, as the model wrote it. */
  hostOf(args: z.infer<S>, context: ToolContext): string;
  /** Asks about a host that the inquiry may ask about. Never rejects. */
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

/** Makes the tool: a name that is none, or that has nothing to do with the inquiry, is asked of nobody. */
export function hostTool<S extends z.ZodObject>({ source, hostOf, ask, ...tool }: HostTool<S>): Tool<S> {
  const run: Tool<S>['run'] = async (args, context, signal) => {
    const written = hostOf(args, context);
    const host = normalizeHost(written);
    if (host === null)
      return failed(`${cleanText(written)} is not a host name: give the name alone, without path`);
    if (!context.mayAsk(host)) return failed(`${host} has nothing to do with this inquiry`);
    if (signal.aborted) return failed('the time was over');
    const told = await ask(host, args, context, signal);
    return 'failed' in told ? failed(told.failed) : { kind: 'ok', source, text: told.join('\n') };
  };
  return { ...tool, run };
}

const failed = (why: string): ToolOutcome => ({ kind: 'failed', why });
