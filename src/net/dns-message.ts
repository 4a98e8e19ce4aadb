import { type Answer, decode, encode, RECURSION_DESIRED } from 'dns-packet';
import type { Host, Ip } from '../model/brand.ts';
import { parseIp } from '../model/ip.ts';

/** The types of records that are asked for. */
export const RECORD_TYPES = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT'] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

/** Longest message there is. */
export const MESSAGE_MAX_BYTES = 65_535;
/** Records of an answer that are read; hostile ones have thousands. */
const ANSWERS_READ = 200;
const CHAIN_MAX = 16;
const HEADER_BYTES = 12;
/** Where the header counts the answers, and the records of the sections behind them. */
const ANSWER_COUNT_AT = 6;
const OTHER_COUNTS_AT = 8;
const TXT_READ_BYTES = 1_024;

/** One record of the type that was asked for. Names and text are as they came, not cleaned. */
export interface DnsRecord {
  /** An address, a name, a text; of an MX record its preference and name. */
  readonly data: string;
  /** The address, and the name, that it leads to; null where it is none. */
  readonly ip: Ip | null;
  readonly name: string | null;
  readonly ttl: number;
}

/** One step from an alias to the name it stands for. */
export interface Alias {
  readonly from: string;
  readonly to: string;
  readonly ttl: number;
}

/** What a server said to one question. */
export type DnsReply =
  | {
      readonly kind: 'reply';
      /** `NOERROR`, `NXDOMAIN`, `SERVFAIL` … */
      readonly status: string;
      /** The server left something out. */
      readonly isCut: boolean;
      readonly aliases: readonly Alias[];
      readonly records: readonly DnsRecord[];
    }
  | { readonly kind: 'malformed'; readonly why: string };

/** A question (RFC 1035, section 4.1); its id is 0, so that caches can answer it (RFC 8484, section 4.1). */
export function dnsQuestion(name: Host, type: RecordType): Buffer {
  return encode({ type: 'query', id: 0, flags: RECURSION_DESIRED, questions: [{ name, type }] });
}

/**
 * Reads the reply to a question of `dnsQuestion`: its answer section, no further than 200 records, and of these what belongs to
 * the name or to what it is an alias of. Never throws.
 */
export function readDnsReply(bytes: Uint8Array, name: Host, type: RecordType): DnsReply {
  if (bytes.length < HEADER_BYTES) return malformed('it is too short');
  if (bytes.length > MESSAGE_MAX_BYTES) return malformed('it is too long');
  let packet: ReturnType<typeof decode>;
  try {
    packet = decode(bounded(bytes));
  } catch {
    return malformed('it is no DNS message');
  }
  const [question, ...more] = packet.questions ?? [];
  if (packet.type !== 'response') return malformed('it is no response');
  if (packet.id !== 0) return malformed('it answers another query');
  if (question === undefined || more.length > 0) return malformed('it does not answer one question');
  if (canonical(question.name) !== name || question.type !== type)
    return malformed('it answers another question');
  const answers = packet.answers ?? [];
  const aliases = aliasesFrom(name, answers);
  const owners = new Set([name as string, ...aliases.map(({ to }) => to)]);
  const own = answers.filter((answer) => answer.type === type && owners.has(canonical(answer.name)));
  const records = own.map(recordOf).filter((record) => record !== null);
  if (records.length < own.length) return malformed('a record in it cannot be read');
  // Every decoded message has one, which the types do not know.
  const { rcode: status } = packet as typeof packet & { readonly rcode: string };
  return { kind: 'reply', status, isCut: packet.flag_tc, aliases, records };
}

/** A copy that says it holds no more than will be read, and nothing behind its answers. */
function bounded(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt16BE(Math.min(copy.readUInt16BE(ANSWER_COUNT_AT), ANSWERS_READ), ANSWER_COUNT_AT);
  return copy.fill(0, OTHER_COUNTS_AT, HEADER_BYTES);
}

/** The way from a name over its aliases, which answers may hold in any order; a loop ends where it closes. */
function aliasesFrom(name: Host, answers: readonly Answer[]): readonly Alias[] {
  const steps = new Map<string, Alias>();
  for (const answer of answers) {
    if (answer.type !== 'CNAME') continue;
    const from = canonical(answer.name);
    if (!steps.has(from)) steps.set(from, { from, to: canonical(answer.data), ttl: answer.ttl ?? 0 });
  }
  const aliases: Alias[] = [];
  for (let step = steps.get(name); step !== undefined && aliases.length < CHAIN_MAX; ) {
    aliases.push(step);
    steps.delete(step.from);
    step = steps.get(step.to);
  }
  return aliases;
}

/** Null for data that is not of its type: the library reads past the end of a message without a word. */
function recordOf(answer: Answer): DnsRecord | null {
  const ttl = 'ttl' in answer ? (answer.ttl ?? 0) : 0;
  switch (answer.type) {
    case 'A':
    case 'AAAA': {
      const ip = parseIp(answer.data);
      return ip === null ? null : { data: ip, ip, name: null, ttl };
    }
    case 'CNAME':
    case 'NS': {
      const name = canonical(answer.data);
      return { data: name, ip: null, name, ttl };
    }
    case 'MX': {
      const name = canonical(answer.data.exchange);
      return { data: `${answer.data.preference} ${name}`, ip: null, name, ttl };
    }
    case 'TXT':
      return { data: textOf(answer.data), ip: null, name: null, ttl };
    default:
      return null;
  }
}

/** The strings of a TXT record as one, as they are meant (RFC 7208, section 3.3). */
function textOf(data: unknown): string {
  const pieces = (Array.isArray(data) ? data : [data]).filter((piece) => piece instanceof Uint8Array);
  return new TextDecoder().decode(Buffer.concat(pieces).subarray(0, TXT_READ_BYTES));
}

/** As names are compared: ASCII letters in lower case, without the dot of the root. */
function canonical(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase()).replace(/(?<=.)\.$/, '');
}

function malformed(why: string): DnsReply {
  return { kind: 'malformed', why };
}
