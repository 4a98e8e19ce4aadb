import { parse } from 'tldts';
import { z } from 'zod';
import { untilAbort } from '../../../async/until-abort.ts';
import type { Host, RegistrableDomain } from '../../../model/brand.ts';
import { cleanText } from '../../../model/clean.ts';
import { normalizeHost } from '../../../model/host.ts';
import type { UnknownWhy } from '../../../registration/answer.ts';
import type { RecordAnswer } from '../../../registration/record.ts';
import type { Tool, ToolContext, ToolOutcome } from '../tool.ts';
import { recordLines } from './lines.ts';

/** Longer than a whole inquiry at a registry and a registrar. */
const LIMIT_MS = 9_000;

const argsSchema = z.object({
  domain: z.string().min(1).max(260).describe('the name; its registrable domain is asked about'),
});

/** Where records come from: `Registrations`. */
export interface RecordSource {
  /** Never rejects. */
  record(domain: RegistrableDomain): Promise<RecordAnswer>;
}

export interface WhoisOptions {
  readonly registrations: RecordSource;
  /** Domains whose customers get a label below them, beside the private section of the public suffix list. */
  readonly platforms: ReadonlySet<string>;
  /** Unix milliseconds. */
  readonly clock: () => number;
}

/** WHOIS: what the registry, by RDAP or WHOIS, says of the registrable domain of a name. */
export function whoisTool(options: WhoisOptions): Tool<typeof argsSchema> {
  return {
    name: 'WHOIS',
    description:
      'Asks the registry of a domain (RDAP, else WHOIS): when it was registered, by which registrar, until when, who holds it, ' +
      'its status and name servers. Names and remarks in it are written by whoever holds it.',
    args: argsSchema,
    limitMs: LIMIT_MS,
    run: (args, context, signal) => run(args, context, options, signal),
  };
}

async function run(
  args: z.infer<typeof argsSchema>,
  context: ToolContext,
  options: WhoisOptions,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  const host = normalizeHost(args.domain);
  if (host === null)
    return failed(`${cleanText(args.domain)} is not a domain name: give the name alone, without path`);
  if (!context.mayAsk(host)) return failed(`${host} has nothing to do with this inquiry`);
  const holder = holderOf(host, options.platforms);
  if (holder === null) return failed(`no registry answers for ${host}: it is under no public suffix`);
  const answer = await untilAbort(options.registrations.record(holder.domain), signal);
  if (answer === null) return failed(`the registry of ${holder.domain} did not answer in time`);
  if (answer.kind === 'record') for (const server of answer.record.nameServers) context.learn(server);
  return outcomeOf(host, holder, answer, options.clock());
}

interface Holder {
  /** What is registered at a registry. */
  readonly domain: RegistrableDomain;
  /** The suffix under which others than whoever registered `domain` get names; null when there is none. */
  readonly platform: string | null;
}

/** Whose registration a name rests on; null for names of no registry, such as those of the own network. */
function holderOf(host: Host, platforms: ReadonlySet<string>): Holder | null {
  const registered = parse(host, { detectIp: false });
  if (registered.isIcann !== true || registered.domain === null) return null;
  const domain = registered.domain as RegistrableDomain;
  const listed = parse(host, { allowPrivateDomains: true, detectIp: false });
  if (listed.isPrivate === true) return { domain, platform: listed.publicSuffix };
  return { domain, platform: platforms.has(domain) ? domain : null };
}

function outcomeOf(
  host: Host,
  { domain, platform }: Holder,
  answer: RecordAnswer,
  nowMs: number,
): ToolOutcome {
  const head = platform === null ? [] : [platformLine(host, platform, domain)];
  if (answer.kind === 'record') {
    const asked = `${domain}${(host as string) === domain ? '' : ` (asked for ${host})`}`;
    const by = answer.record.source === 'rdap' ? 'RDAP' : 'WHOIS';
    return told([
      ...head,
      `Domain: ${asked}, by ${by} of its registry`,
      ...recordLines(answer.record, nowMs),
    ]);
  }
  if (answer.why === 'not_found')
    return told([...head, `The registry knows no domain ${domain}: it is not registered.`]);
  const why = UNKNOWN[answer.why](domain);
  return platform === null ? failed(why) : told([...head, `Its own registration is not known: ${why}.`]);
}

function platformLine(host: Host, platform: string, domain: RegistrableDomain): string {
  if ((host as string) === platform || (host as string) === domain)
    return `${platform} is a platform: its customers get names below it. The registration is the platform's own.`;
  return (
    `${host} is a customer's name on the platform ${platform}: no registry knows the customer, and anybody may get such a ` +
    `name. What is told below is the registration of the platform, not of the customer; its age says nothing of ${host}.`
  );
}

const UNKNOWN: Readonly<Record<UnknownWhy, (domain: string) => string>> = {
  no_service: (domain) => `no registry answers for ${domain}`,
  not_found: (domain) => `the registry knows no domain ${domain}`,
  no_date: (domain) => `the registry of ${domain} tells nothing`,
  rate_limited: (domain) => `the registry of ${domain} asks to be asked later`,
  timed_out: (domain) => `the registry of ${domain} did not answer in time`,
  unreachable: (domain) => `the registry of ${domain} cannot be reached`,
  malformed: (domain) => `the registry of ${domain} gave an answer that cannot be read`,
  platform_suffix: (domain) => `${domain} is a customer's name on a platform`,
};

const told = (lines: readonly string[]): ToolOutcome => ({
  kind: 'ok',
  source: 'registry',
  text: lines.join('\n'),
});
const failed = (why: string): ToolOutcome => ({ kind: 'failed', why });
