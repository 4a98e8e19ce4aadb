import type { Host, Ip } from '../../../model/brand.ts';
import { cleanText } from '../../../model/clean.ts';
import { isInternetAddress } from '../../../net/internet-address.ts';
import type { Blocked } from '../../../net/reachable.ts';
import type { Alias, DnsRecord, RecordType } from './message.ts';
import type { DnsAnswer } from './over-https.ts';

/** Records of one type that are told; more are counted. */
const RECORDS_TOLD = 20;
const TXT_MAX_CHARS = 255;
const NAME_MAX_CHARS = 253;
const WARNINGS_TOLD = 10;

/** Answers by type, in the order in which they were asked for. */
export type DnsAnswers = readonly (readonly [RecordType, DnsAnswer])[];

/** What name servers say of a name, a fact a line; each value is cleaned into its line. */
export function dnsLines(name: Host, answers: DnsAnswers, blocked: Blocked): readonly string[] {
  const replies = answers.flatMap(([, answer]) => (answer.kind === 'reply' ? [answer] : []));
  if (replies.length === answers.length && replies.every(({ status }) => status === 'NXDOMAIN')) {
    return [`${name} does not exist (NXDOMAIN).`];
  }
  const aliases = uniqueAliases(replies.flatMap((reply) => reply.aliases));
  return [
    `Name: ${name}`,
    ...aliases.map(({ from, to, ttl }) => `Alias: ${clean(from)} stands for ${clean(to)} (TTL ${ttl})`),
    ...answers.filter(([type]) => type !== 'CNAME' || aliases.length === 0).flatMap(answerLines),
    ...warnings(
      name,
      replies.flatMap((reply) => reply.records),
      blocked,
    ),
  ];
}

function answerLines([type, answer]: readonly [RecordType, DnsAnswer]): readonly string[] {
  if (answer.kind === 'failed') return [`${type}: no answer: ${answer.why}`];
  const { records, status, isCut } = answer;
  const told = records.slice(0, RECORDS_TOLD).map((record) => `${dataText(record)} (TTL ${record.ttl})`);
  if (records.length === 0) told.push(noneText(status));
  if (records.length > RECORDS_TOLD) told.push(`${records.length - RECORDS_TOLD} more`);
  if (isCut) told.push('cut by the server');
  // Text is long, and not to be taken for the next one.
  return type === 'TXT' ? told.map((text) => `TXT: ${text}`) : [`${type}: ${told.join(', ')}`];
}

function noneText(status: string): string {
  switch (status) {
    case 'NOERROR':
      return 'none';
    case 'NXDOMAIN':
      return 'none, the name does not exist (NXDOMAIN)';
    default:
      return `none, the servers of the name failed (${cleanText(status, 20)})`;
  }
}

function dataText(record: DnsRecord): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.ip;
    case 'CNAME':
    case 'NS':
      return clean(record.name);
    case 'MX':
      return `${record.preference} ${clean(record.name)}`;
    case 'TXT':
      return `"${cleanText(record.text, TXT_MAX_CHARS)}"`;
    default:
      return record satisfies never;
  }
}

function warnings(name: Host, records: readonly DnsRecord[], blocked: Blocked): readonly string[] {
  const addresses = new Set(records.flatMap((record) => ('ip' in record ? [record.ip] : [])));
  return [...addresses].flatMap((ip) => addressWarning(name, ip, blocked) ?? []).slice(0, WARNINGS_TOLD);
}

function addressWarning(name: Host, ip: Ip, blocked: Blocked): string | null {
  if (ip === '0.0.0.0' || ip === '::')
    return `Warning: ${ip} is no address; a resolver answers so for names that it blocks.`;
  if (!isInternetAddress(ip))
    return `Warning: ${ip} is not on the internet: a public name that leads to the own network or to a metadata service is a sign of DNS rebinding.`;
  const listed = blocked(name, ip);
  return listed === null ? null : `Warning: ${ip} is on ${listed}.`;
}

function uniqueAliases(aliases: readonly Alias[]): readonly Alias[] {
  const seen = new Map<string, Alias>();
  for (const alias of aliases) if (!seen.has(alias.from)) seen.set(alias.from, alias);
  return [...seen.values()].slice(0, RECORDS_TOLD);
}

function clean(name: string): string {
  return cleanText(name, NAME_MAX_CHARS);
}
