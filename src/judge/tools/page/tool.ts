import { z } from 'zod';
import { cleanText } from '../../../model/clean.ts';
import { normalizeHost } from '../../../model/host.ts';
import { bareHost } from '../../../net/reachable.ts';
import type { Hop } from '../../../net/redirects.ts';
import { bodyUpTo } from '../../../net/response-body.ts';
import { hostArg, hostTool, type Tool, type ToolContext, type ToolNetwork } from '../tool.ts';
import { pageText } from './charset.ts';
import { type Landing, landingPage, urlText } from './landing.ts';
import { pageLines } from './lines.ts';
import { readPage } from './reader.ts';

/** The most of a page that is read. */
const BODY_MAX_BYTES = 262_144;
const HEADER_TOLD_CHARS = 100;
const PLAIN_TOLD_CHARS = 2_000;

const argsSchema = z.object({
  host: hostArg('the host name; its landing page is fetched, never another path'),
  scheme: z.enum(['https', 'http']).default('https').describe('http only when https did not answer'),
});

/**
 * FETCH: the landing page of a name, read without running it. The path is always `/` and there is no query, so that a model cannot
 * be talked into sending something out; no cookies, no referrer, never a proxy. A listed host is not contacted, at no redirect.
 */
export function fetchTool(network: ToolNetwork): Tool<typeof argsSchema> {
  return hostTool({
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
      const landing = await landingPage(start, network, (found) => context.learn(found), signal);
      if (landing.kind === 'failed') return { failed: landing.why };
      const hops = landing.hops.map(hopLine);
      return landing.kind === 'stopped'
        ? [...hops, `Went no further: ${landing.why}.`]
        : [...hops, ...(await answerLines(landing, context, signal))];
    },
  });
}

function hopLine({ url, status }: Hop, index: number): string {
  return `${index === 0 ? 'Asked' : 'Redirected to'}: ${urlText(url)} (status ${status})`;
}

async function answerLines(
  { response, url }: Extract<Landing, { kind: 'page' }>,
  context: ToolContext,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { headers } = response.head;
  const type = headers.get('content-type') ?? '';
  const lines = [`Content type: ${headerText(type)}`, `Server: ${headerText(headers.get('server') ?? '')}`];
  if (!isReadable(type)) {
    response.close();
    return [...lines, `Size: ${sizeText(headers.get('content-length'))}; not read, since it is no page`];
  }
  const { bytes, cut } = await bodyUpTo(response, BODY_MAX_BYTES);
  const why = signal.aborted ? 'the time was over' : cleanText(cut ?? '');
  lines.push(`Size: ${bytes.length} bytes${cut === null ? '' : ` read; not all of it: ${why}`}`);
  const text = pageText(bytes, type);
  if (!isHtml(type, text)) return [...lines, `Text: ${oneLine(text) || 'none'}`];
  const facts = await readPage(text, url);
  const next = facts.refresh === null ? null : normalizeHost(bareHost(facts.refresh.url.hostname));
  if (next !== null) context.learn(next);
  return [...lines, ...pageLines(facts, url)];
}

/** Of what is neither a page nor text nothing is read; a page without a type is read as browsers do. */
function isReadable(type: string): boolean {
  return type.trim() === '' || /^\s*(?:text\/|application\/xhtml\+xml)/i.test(type);
}

function isHtml(type: string, text: string): boolean {
  return /html/i.test(type) || (type.trim() === '' && /^\s*</.test(text));
}

function sizeText(announced: string | undefined): string {
  return announced === undefined ? 'not announced' : `${Number(announced)} bytes`;
}

function headerText(header: string): string {
  return cleanText(header, HEADER_TOLD_CHARS) || 'not said';
}

function oneLine(text: string): string {
  const bounded = text.slice(0, PLAIN_TOLD_CHARS * 8);
  return cleanText(bounded.replace(/\s+/g, ' ').trim(), PLAIN_TOLD_CHARS);
}
