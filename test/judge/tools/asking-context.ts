import type { ToolContext } from '../../../src/judge/tools/tool.ts';
import type { Host, RegistrableDomain } from '../../../src/model/brand.ts';

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
