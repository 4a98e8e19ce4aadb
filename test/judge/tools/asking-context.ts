import type { Told, Tool, ToolContext } from '../../../src/judge/tools/tool.ts';
import { askedHost } from '../../../src/judge/tools/tool-box.ts';
import type { Host, RegistrableDomain } from '../../../src/model/brand.ts';
import type { EvidenceSource } from '../../../src/model/inquiry.ts';

/** An inquiry about a name; what lies under its domain, and what was learned, may be asked about. */
export function asking(
  domain: string,
  app: ToolContext['app'] = { name: null, path: null },
): ToolContext & { readonly learned: ReadonlySet<string> } {
  const learned = new Set<string>();
  return {
    host: `www.${domain}` as Host,
    domain: domain as RegistrableDomain,
    app,
    mayAsk: (host) => host === (domain as string) || host.endsWith(`.${domain}`) || learned.has(host),
    learn: (host) => learned.add(host),
    learned,
  };
}

/** A signal that never comes. */
export const NEVER = new AbortController().signal;

/** What a tool found out. */
export type ToolOutcome =
  | { readonly kind: 'ok'; readonly source: EvidenceSource; readonly text: string }
  | { readonly kind: 'failed'; readonly why: string };

/** Calls a tool as the tool box does, and leaves its end to itself. */
export async function runTool<S extends Tool['args']>(...asked: Asked<S>): Promise<ToolOutcome> {
  const told = await ask(...asked);
  return 'failed' in told
    ? { kind: 'failed', why: told.failed }
    : { kind: 'ok', source: asked[0].source, text: told.lines.join('\n') };
}

/** The facts in what a tool tells, each `LEANING TEXT`; none when it failed. */
export async function factsBy<S extends Tool['args']>(...asked: Asked<S>): Promise<readonly string[]> {
  const told = await ask(...asked);
  return 'failed' in told ? [] : told.facts.map(({ leans, text }) => `${leans} ${text}`);
}

type Asked<S extends Tool['args']> = [
  tool: Tool<S>,
  args: Parameters<Tool<S>['ask']>[1],
  context: ToolContext,
  signal: AbortSignal,
];

async function ask<S extends Tool['args']>(...[tool, args, context, signal]: Asked<S>): Promise<Told> {
  const asked = askedHost(tool, args, context);
  return 'failed' in asked ? asked : tool.ask(asked.host, args, context, signal);
}
