import { parse } from 'tldts';
import { z } from 'zod';
import type { Host, RegistrableDomain } from '../../../model/brand.ts';
import type { RecordAnswer, UnknownWhy } from '../../../registration/answer.ts';
import type { Registrations } from '../../../registration/registrations.ts';
import { plainFact } from '../../core/facts.ts';
import { hostArg, type Told, type Tool } from '../tool.ts';
import { recordFacts, recordLines } from './lines.ts';

/** Longer than a whole lookup at a registry and a registrar. */
const LIMIT_MS = 9_000;

const argsSchema = z.object({ domain: hostArg('the name; its registrable domain is asked about') });

export interface WhoisOptions {
  readonly registrations: Pick<Registrations, 'record'>;
  /** Domains whose customers get a label below them, beside the private section of the public suffix list. */
  readonly platforms: ReadonlySet<string>;
  /** Unix milliseconds. */
  readonly clock: () => number;
}

/** WHOIS: what the registry, by RDAP or WHOIS, says of the registrable domain of a name. */
export function whoisTool({ registrations, platforms, clock }: WhoisOptions): Tool<typeof argsSchema> {
  return {
    name: 'WHOIS',
    source: 'registry',
    description:
      'Asks the registry of a domain (RDAP, else WHOIS): when it was registered, by which registrar, until when, who holds it, ' +
      'its status and name servers. Names and remarks in it are written by whoever holds it.',
    args: argsSchema,
    limitMs: LIMIT_MS,
    hostOf: ({ domain }) => domain,
    ask: async (host, _args, context) => {
      const holder = holderOf(host, platforms);
      if (holder === null) return { failed: `no registry answers for ${host}: it is under no public suffix` };
      const answer = await registrations.record(holder.domain);
      if (answer.kind === 'record') for (const server of answer.record.nameServers) context.learn(server);
      // Of another name that the inquiry led to, or of a platform, it says nothing of the name itself.
      const isItsOwn = holder.platform === null && holder.domain === context.domain;
      return told(host, holder, answer, isItsOwn, clock());
    },
  };
}

const OTHER = plainFact('The registration is that of another name, or of a platform that it is on.');

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

function told(
  host: Host,
  { domain, platform }: Holder,
  answer: RecordAnswer,
  isItsOwn: boolean,
  nowMs: number,
): Told {
  const head = platform === null ? [] : [platformLine(host, platform, domain)];
  if (answer.kind === 'record') {
    const asked = `${domain}${(host as string) === domain ? '' : ` (asked for ${host})`}`;
    const by = answer.record.source === 'rdap' ? 'RDAP' : 'WHOIS';
    const lines = recordLines(answer.record, nowMs);
    return {
      lines: [...head, `Domain: ${asked}, by ${by} of its registry`, ...lines],
      facts: isItsOwn ? recordFacts(answer.record, nowMs) : [OTHER],
    };
  }
  if (answer.why === 'not_found')
    return {
      lines: [...head, `The registry knows no domain ${domain}: it is not registered.`],
      facts: [isItsOwn ? { leans: 'against', text: 'Its registry does not know it.' } : OTHER],
    };
  const why = `the registry of ${domain} ${UNKNOWN[answer.why]}`;
  if (platform === null) return { failed: why };
  return { lines: [...head, `Its own registration is not known: ${why}.`], facts: [OTHER] };
}

function platformLine(host: Host, platform: string, domain: RegistrableDomain): string {
  if ((host as string) === platform || (host as string) === domain)
    return `${platform} is a platform: its customers get names below it. The registration is the platform's own.`;
  return (
    `${host} is a customer's name on the platform ${platform}: no registry knows the customer, and anybody may get such a ` +
    `name. What is told below is the registration of the platform, not of the customer; its age says nothing of ${host}.`
  );
}

/** Goes on after the registry. */
const UNKNOWN: Readonly<Record<Exclude<UnknownWhy, 'not_found'>, string>> = {
  no_service: 'cannot be found',
  no_date: 'tells nothing',
  rate_limited: 'asks to be asked later',
  timed_out: 'did not answer in time',
  unreachable: 'cannot be reached',
  malformed: 'gave an answer that cannot be read',
  platform_suffix: 'knows only the platform that it is a name of',
};
