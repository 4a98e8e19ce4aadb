import { z } from 'zod';
import { cleanText } from '../../../model/clean.ts';
import { normalizeHost } from '../../../model/host.ts';
import { bareHost, type OwnerNetwork } from '../contact.ts';
import type { Tool, ToolContext, ToolOutcome } from '../tool.ts';
import { readBody } from './body.ts';
import { pageText } from './charset.ts';
import { type Hop, type Walk, walk } from './hops.ts';
import { pageLines } from './lines.ts';
import { readPage } from './reader.ts';

/** The longest time for a page with all its redirects, and the most of it that is read. */
const TOTAL_MS = 5_000;
const BODY_MAX_BYTES = 262_144;
const HEADER_TOLD_CHARS = 100;
const PLAIN_TOLD_CHARS = 2_000;

const argsSchema = z.object({
  host: z.string().min(1).max(260).describe('the host name; its landing page is fetched, never another path'),
  scheme: z.enum(['https', 'http']).default('https').describe('http only when https did not answer'),
});

/**
 * FETCH: the landing page of a name, read without running it. The path is always `/` and there is no query, so that a model cannot
 * be talked into sending something out; no cookies, no referrer, never a proxy. A listed host is not contacted, at no redirect.
 */
export function fetchTool(network: OwnerNetwork): Tool<typeof argsSchema> {
  return {
    name: 'FETCH',
    description:
      'Fetches the landing page of a host: redirects, status, title, forms and where they send to, other hosts, visible text. ' +
      'All of it is written by whoever owns the host, and proves nothing good.',
    args: argsSchema,
    limitMs: TOTAL_MS,
    run: (args, context, signal) => run(args, context, network, signal),
  };
}

async function run(
  args: z.infer<typeof argsSchema>,
  context: ToolContext,
  network: OwnerNetwork,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  const host = normalizeHost(args.host);
  if (host === null)
    return failed(`${cleanText(args.host)} is not a host name: give the name alone, without path`);
  if (!context.mayAsk(host)) return failed(`${host} has nothing to do with this inquiry`);
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new Error('the time was over')), TOTAL_MS);
  const both = AbortSignal.any([signal, deadline.signal]);
  try {
    const start = new URL(`${args.scheme}://${host}/`);
    const walked = await walk(start, network, (found) => context.learn(found), both);
    return await outcomeOf(walked, context, both);
  } finally {
    clearTimeout(timer);
  }
}

async function outcomeOf(walked: Walk, context: ToolContext, signal: AbortSignal): Promise<ToolOutcome> {
  switch (walked.kind) {
    case 'failed':
      return failed(walked.why);
    case 'stopped':
      return told([...hopLines(walked.hops), `Went no further: ${walked.why}.`]);
    case 'page':
      return told([...hopLines(walked.hops), ...(await answerLines(walked, context, signal))]);
    default:
      return walked satisfies never;
  }
}

function hopLines(hops: readonly Hop[]): readonly string[] {
  return hops.map(({ url, status }, index) => {
    const is = index === 0 ? 'Asked' : 'Redirected to';
    return `${is}: ${url} (status ${status})`;
  });
}

async function answerLines(
  { response, url }: Extract<Walk, { kind: 'page' }>,
  context: ToolContext,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { headers } = response.head;
  const type = headers.get('content-type') ?? '';
  const lines = [`Content type: ${told1(type)}`, `Server: ${told1(headers.get('server') ?? '')}`];
  if (!isReadable(type)) {
    response.close();
    return [...lines, `Size: ${sizeText(headers.get('content-length'))}; not read, since it is no page`];
  }
  const { bytes, cut } = await readBody(response, BODY_MAX_BYTES, signal);
  lines.push(`Size: ${bytes.length} bytes${cut === null ? '' : ` read; not all of it: ${cleanText(cut)}`}`);
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

function told1(header: string): string {
  return cleanText(header, HEADER_TOLD_CHARS) || 'not said';
}

function oneLine(text: string): string {
  return cleanText(
    text
      .slice(0, PLAIN_TOLD_CHARS * 8)
      .replace(/\s+/g, ' ')
      .trim(),
    PLAIN_TOLD_CHARS,
  );
}

function told(lines: readonly string[]): ToolOutcome {
  return { kind: 'ok', source: 'page', text: lines.join('\n') };
}

function failed(why: string): ToolOutcome {
  return { kind: 'failed', why };
}
