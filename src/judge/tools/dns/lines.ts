import type { Host, Ip } from '../../../model/brand.ts';
import { cleanText } from '../../../model/clean.ts';
import type { RecordType } from '../../../net/dns-message.ts';
import type { DnsAnswer } from '../../../net/dns-over-https.ts';
import { isInternetAddress } from '../../../net/internet-address.ts';
import type { Blocked } from '../../../net/reachable.ts';
import { plainFact } from '../../core/facts.ts';
import type { Told } from '../tool.ts';

/** Records of one type that are told; more are counted. */
const RECORDS_TOLD = 20;
/** The longest name has 253 characters. */
const DATA_MAX_CHARS = 255;
const WARNINGS_TOLD = 10;
/** Why there are no records, by the status of the reply. */
const NONE: ReadonlyMap<string, string> = new Map([
  ['NOERROR', 'none'],
  ['NXDOMAIN', 'none, the name does not exist (NXDOMAIN)'],
]);

/** What name servers say of a name, a fact a line; each value is cleaned into its line. */
export function dnsTold(
  name: Host,
  answers: ReadonlyMap<RecordType, DnsAnswer>,
  blocked: Blocked,
): Extract<Told, { facts: unknown }> {
  const replies = [...answers.values()].filter((answer) => answer.kind === 'reply');
  if (replies.length === answers.size && replies.every(({ status }) => status === 'NXDOMAIN')) {
    return {
      lines: [`${name} does not exist (NXDOMAIN).`],
      facts: [plainFact('The name does not exist.')],
    };
  }
  const aliases = new Map(replies.flatMap((reply) => reply.aliases.map((alias) => [alias.from, alias])));
  const addresses = new Set(replies.flatMap(({ records }) => records.flatMap(({ ip }) => ip ?? [])));
  const warnings = [...addresses].flatMap((ip) => addressWarning(name, ip, blocked) ?? []);
  const lines = [
    `Name: ${name}`,
    ...[...aliases.values()]
      .slice(0, RECORDS_TOLD)
      .map(({ from, to, ttl }) => `Alias: ${clean(from)} stands for ${clean(to)} (TTL ${ttl})`),
    ...[...answers].flatMap(([type, answer]) =>
      type === 'CNAME' && aliases.size > 0 ? [] : answerLines(type, answer),
    ),
    ...warnings.slice(0, WARNINGS_TOLD),
  ];
  const text = `It has ${addresses.size} addresses; ${warnings.length} of them are listed or not on the internet.`;
  return { lines, facts: [warnings.length > 0 ? { leans: 'against', text } : plainFact(text)] };
}

function answerLines(type: RecordType, answer: DnsAnswer): readonly string[] {
  if (answer.kind === 'failed') return [`${type}: no answer: ${answer.why}`];
  const { records, status, isCut } = answer;
  const isText = type === 'TXT';
  const told = records
    .slice(0, RECORDS_TOLD)
    .map(({ data, ttl }) => `${isText ? `"${clean(data)}"` : clean(data)} (TTL ${ttl})`);
  if (records.length === 0)
    told.push(NONE.get(status) ?? `none, the servers of the name failed (${cleanText(status, 20)})`);
  if (records.length > RECORDS_TOLD) told.push(`${records.length - RECORDS_TOLD} more`);
  if (isCut) told.push('cut by the server');
  // Text is long, and not to be taken for the next one.
  return isText ? told.map((text) => `TXT: ${text}`) : [`${type}: ${told.join(', ')}`];
}

function addressWarning(name: Host, ip: Ip, blocked: Blocked): string | null {
  if (ip === '0.0.0.0' || ip === '::')
    return `Warning: ${ip} is no address; a resolver answers so for names that it blocks.`;
  if (!isInternetAddress(ip))
    return `Warning: ${ip} is not on the internet: a public name that leads to the own network or to a metadata service is a sign of DNS rebinding.`;
  const listed = blocked(name, ip);
  return listed === null ? null : `Warning: ${ip} is on ${listed}.`;
}

function clean(data: string): string {
  return cleanText(data, DATA_MAX_CHARS);
}
