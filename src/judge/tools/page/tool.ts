import { z } from 'zod';
import { cleanText } from '../../../model/clean.ts';
import { normalizeHost } from '../../../model/host.ts';
import type { GetResponse } from '../../../net/http-get.ts';
import { pageText } from '../../../net/page-text.ts';
import { bareHost } from '../../../net/reachable.ts';
import { bodyUpTo } from '../../../net/response-body.ts';
import { plainFact } from '../../core/facts.ts';
import { hostArg, type Told, type Tool, type ToolContext, type ToolNetwork } from '../tool.ts';
import { urlText } from './address.ts';
import { landingPage, whyNoPage } from './landing.ts';
import { oneLine, pageFacts, pageLines } from './lines.ts';
import { readPage } from './page.ts';

/** The most of a page that is read. */
const BODY_MAX_BYTES = 262_144;
const HEADER_TOLD_CHARS = 100;
const PLAIN_TOLD_CHARS = 2_000;

const NO_PAGE = plainFact('What it shows is no page with forms.');

const argsSchema = z.object({
  host: hostArg('the host name; its landing page is fetched, never another path'),
  scheme: z.enum(['https', 'http']).default('https').describe('http only when https did not answer'),
});

/**
 * FETCH: the landing page of a name, read without running it. The path is always `/` and there is no query, so that a model cannot
 * be talked into sending something out; no cookies, no referrer, never a proxy. A listed host is not contacted, at no redirect.
 */
export function fetchTool(network: ToolNetwork): Tool<typeof argsSchema> {
  return {
    name: 'FETCH',
    source: 'page',
    description:
      'Fetches the landing page of a host: redirects, status, title, forms and where they send to, other hosts, visible text. ' +
      'All of it is written by whoever owns the host, and proves nothing good.',
    args: argsSchema,
    limitMs: 5_000,
    hostOf: ({ host }) => host,
    ask: async (host, { scheme }, context, signal) => {
      const start = new URL(`${scheme}://${host}/`);
      const landing = await landingPage(start, network, signal);
      const { url, hops } = landing;
      // One that was not contacted too.
      const ledTo = new Set([...hops.map((hop) => hop.url), url]);
      ledTo.delete(start);
      for (const to of ledTo) learn(to, context);
      const asked = hops.map(
        (hop, index) =>
          `${index === 0 ? 'Asked' : 'Redirected to'}: ${urlText(hop.url)} (status ${hop.status})`,
      );
      const way = plainFact(
        `${hops.length} addresses were asked, the last answered with status ${hops.at(-1)?.status ?? 'none'}.`,
      );
      if (landing.kind === 'answer') {
        const { lines, facts } = await answerTold(landing.response, url, context, signal);
        return { lines: [...asked, ...lines], facts: [way, ...facts] };
      }
      const { why, isFact } = whyNoPage(landing, signal);
      if (!isFact && hops.length === 0) return { failed: why };
      return { lines: [...asked, `Went no further: ${why}.`], facts: [way] };
    },
  };
}

async function answerTold(
  response: GetResponse,
  url: URL,
  context: ToolContext,
  signal: AbortSignal,
): Promise<Extract<Told, { facts: unknown }>> {
  const { headers } = response.head;
  const type = headers.get('content-type') ?? '';
  const lines = [`Content type: ${headerText(type)}`, `Server: ${headerText(headers.get('server') ?? '')}`];
  if (!isReadable(type)) {
    response.close();
    const size = headers.get('content-length');
    const announced = size === undefined ? 'not announced' : `${Number(size)} bytes`;
    return { lines: [...lines, `Size: ${announced}; not read, since it is no page`], facts: [NO_PAGE] };
  }
  const { bytes, cut } = await bodyUpTo(response, BODY_MAX_BYTES);
  const why = signal.aborted ? 'the time was over' : cleanText(cut ?? '');
  lines.push(`Size: ${bytes.length} bytes${cut === null ? '' : ` read; not all of it: ${why}`}`);
  const text = pageText(bytes, type);
  if (!isHtml(type, text))
    return { lines: [...lines, `Text: ${oneLine(text, PLAIN_TOLD_CHARS) || 'none'}`], facts: [NO_PAGE] };
  const page = await readPage(text, url);
  if (page.refresh !== null) learn(page.refresh.url, context);
  return { lines: [...lines, ...pageLines(page, url)], facts: pageFacts(page, url) };
}

function learn({ hostname }: URL, context: ToolContext): void {
  const host = normalizeHost(bareHost(hostname));
  if (host !== null) context.learn(host);
}

/** Of what is neither a page nor text nothing is read; a page without a type is read as browsers do. */
function isReadable(type: string): boolean {
  return type.trim() === '' || /^\s*(?:text\/|application\/xhtml\+xml)/i.test(type);
}

function isHtml(type: string, text: string): boolean {
  return /html/i.test(type) || (type.trim() === '' && /^\s*</.test(text));
}

function headerText(header: string): string {
  return cleanText(header, HEADER_TOLD_CHARS) || 'not said';
}
