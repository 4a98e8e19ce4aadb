import { z } from 'zod';
import { MEASURED_FPR } from '../../lists/score/thresholds.ts';
import { CATEGORIES, MODES } from '../model/flow.ts';
import { parseIp } from '../model/ip.ts';
import { DEFAULTS } from './defaults.ts';
import { judgeSchema } from './judge-section.ts';

const portNumber = z.int().min(1).max(65_535);
const MAPPED_BITS = 96;
const cidr = z.union([z.cidrv4(), z.cidrv6()]).refine((text) => !isHalfMapped(text), {
  error: `an IPv4 range written as IPv6 has ${MAPPED_BITS} bits and more: write it as IPv4`,
});

/** `::ffff:10.0.0.0/90`: neither the IPv4 range that it looks like nor an IPv6 range that anything is in. */
function isHalfMapped(text: string): boolean {
  const [head = '', bits] = text.split('/');
  return head.includes(':') && parseIp(head)?.includes(':') === false && Number(bits) < MAPPED_BITS;
}

const listFile = z.strictObject({
  /** A file, or a folder whose files are all read; hosts, plain domain or ABP format, told by content. */
  path: z.string().min(1),
  /** What a match is called; `custom` is always on. */
  category: z.enum(CATEGORIES).default('custom'),
  name: z.string().min(1).max(60).optional(),
});

/** The weight of one signal of the trust score. */
function weight(signal: keyof typeof DEFAULTS.trust.weights) {
  return z.number().min(0).max(100).default(DEFAULTS.trust.weights[signal]);
}

/** The two thresholds of an embedded model, each with what it was measured to cost. */
function modelSchema(model: 'generated' | 'phishing') {
  const threshold = (kind: 'escalate' | 'block') =>
    z
      .number()
      .min(0)
      .max(1)
      .default(DEFAULTS[model][kind])
      .describe(
        `probability from which a name is to ${kind}; the default catches ${MEASURED_FPR[model][kind]}`,
      );
  return z
    .strictObject({
      enabled: z.boolean().default(DEFAULTS[model].enabled),
      escalate: threshold('escalate'),
      block: threshold('block'),
    })
    .prefault({});
}

/** The whole configuration file. Unknown keys are errors: a misspelt key must not pass for a default. */
export const configSchema = z.strictObject({
  policy: z
    .strictObject({
      mode: z
        .enum(MODES)
        .default(DEFAULTS.policy.mode)
        .describe(
          'enforce; permissive forwards and records what would be blocked; lockdown passes only allow rules',
        ),
      unattended: z
        .enum(['allow', 'block'])
        .default(DEFAULTS.policy.unattended)
        .describe('what happens to a connection that nothing decided, when nobody answers'),
      ask: z
        .enum(['never', 'person'])
        .default(DEFAULTS.policy.ask)
        .describe(
          'person: hold undecided connections up to holdMs while a screen is open; never: do not ask',
        ),
      holdMs: z
        .int()
        .min(1_000)
        .max(120_000)
        .default(DEFAULTS.policy.holdMs)
        .describe('how long an undecided connection waits for the person, milliseconds'),
    })
    .prefault({}),
  proxy: z
    .strictObject({
      port: portNumber
        .default(DEFAULTS.proxy.port)
        .describe(
          'loopback port that the kernel redirects to; while one at 1024 or above is free, any user may take it, and the engine then takes another',
        ),
      maxConnections: z
        .int()
        .min(16)
        .max(1_000_000)
        .default(DEFAULTS.proxy.maxConnections)
        .describe('past it the newest connection is refused and counted'),
      sniffWaitMs: z
        .int()
        .min(10)
        .max(10_000)
        .default(DEFAULTS.proxy.sniffWaitMs)
        .describe('a client silent for so long is taken to wait for its server to speak'),
      sniffTimeoutMs: z
        .int()
        .min(100)
        .max(60_000)
        .default(DEFAULTS.proxy.sniffTimeoutMs)
        .describe('a client that began to speak must have named its server by then'),
      connectTimeoutMs: z
        .int()
        .min(500)
        .max(120_000)
        .default(DEFAULTS.proxy.connectTimeoutMs)
        .describe('limit for reaching the server, name resolution included'),
      forward: z
        .enum(['verified', 'original'])
        .default(DEFAULTS.proxy.forward)
        .describe(
          'verified: connect only to an address that belongs to the name; original: to the address dialled',
        ),
    })
    .prefault({}),
  intercept: z
    .strictObject({
      failMode: z
        .enum(['open', 'closed'])
        .default(DEFAULTS.intercept.failMode)
        .describe('what the network does when the engine dies: open works without it, closed refuses'),
      group: z
        .string()
        .regex(/^[a-z_][a-z0-9_-]{0,30}$/, 'expected a group name')
        .default(DEFAULTS.intercept.group)
        .describe("the engine's own group: its traffic is not redirected"),
      udp443: z
        .enum(['reject', 'allow'])
        .default(DEFAULTS.intercept.udp443)
        .describe('reject QUIC so that browsers use TCP, which can be read'),
      ports: z
        .union([z.literal('all'), z.array(portNumber).min(1).max(64)])
        .default(DEFAULTS.intercept.ports)
        .describe('TCP destination ports to intercept'),
      skip: z
        .array(cidr)
        .max(1_000)
        .default([...DEFAULTS.intercept.skip])
        .describe('destination ranges that are left alone'),
    })
    .prefault({}),
  lists: z
    .strictObject({
      files: z.array(listFile).max(200).default([]).describe('blocklists of your own'),
      allowFiles: z.array(z.string().min(1)).max(200).default([]).describe('allowlists of your own'),
      malware: z.boolean().default(DEFAULTS.lists.malware),
      phishing: z.boolean().default(DEFAULTS.lists.phishing),
      ads: z.boolean().default(DEFAULTS.lists.ads),
      analytics: z.boolean().default(DEFAULTS.lists.analytics),
      social: z.boolean().default(DEFAULTS.lists.social),
      gambling: z.boolean().default(DEFAULTS.lists.gambling),
      fakenews: z.boolean().default(DEFAULTS.lists.fakenews),
      adult: z.boolean().default(DEFAULTS.lists.adult),
      update: z
        .boolean()
        .default(DEFAULTS.lists.update)
        .describe('download the sources that are on by itself; false: only by command or key'),
      updateHours: z
        .int()
        .min(1)
        .max(720)
        .default(DEFAULTS.lists.updateHours)
        .describe('how old a source may become before it is asked again, hours'),
      privateSources: z
        .boolean()
        .default(DEFAULTS.lists.privateSources)
        .describe('take sources from the own network, such as a mirror; false: they must be on the internet'),
    })
    .prefault({}),
  generated: modelSchema('generated'),
  phishing: modelSchema('phishing'),
  entropy: z
    .strictObject({
      tolerance: z
        .number()
        .min(1)
        .max(5)
        .default(DEFAULTS.entropy.tolerance)
        .describe('an entropy value above it escalates, unless the model thinks the name ordinary'),
      action: z
        .enum(['escalate', 'block'])
        .default(DEFAULTS.entropy.action)
        .describe('block: a value above the tolerance blocks by itself, as in the first design'),
    })
    .prefault({}),
  trust: z
    .strictObject({
      enabled: z.boolean().default(DEFAULTS.trust.enabled),
      tolerance: z
        .number()
        .min(0)
        .max(100)
        .default(DEFAULTS.trust.tolerance)
        .describe('a trust score from it on allows; below it nothing is decided by trust'),
      weights: z
        .strictObject({
          age: weight('age'),
          entropy: weight('entropy'),
          brand: weight('brand'),
          tld: weight('tld'),
          keywords: weight('keywords'),
          subdomains: weight('subdomains'),
          length: weight('length'),
        })
        .prefault({})
        .refine((weights) => Object.values(weights).some((one) => one > 0), {
          error: 'at least one signal needs a weight above 0',
        })
        .describe('how much each signal of the trust score counts, in proportion to the others'),
      lookup: z
        .boolean()
        .default(DEFAULTS.trust.lookup)
        .describe("ask registries (RDAP, WHOIS) for a domain's age; false: its age stays unknown"),
      waitMs: z
        .int()
        .min(0)
        .max(2_000)
        .default(DEFAULTS.trust.waitMs)
        .describe('how long a first connection to a domain waits for its age, milliseconds'),
    })
    .prefault({}),
  judge: judgeSchema,
  screen: z
    .strictObject({
      notify: z
        .enum(['never', 'bell', 'desktop'])
        .default(DEFAULTS.screen.notify)
        .describe('how a screen calls for a person when it has a question; desktop: OSC 9'),
    })
    .prefault({}),
  ledger: z
    .strictObject({
      keepDays: z
        .int()
        .min(1)
        .max(3_650)
        .default(DEFAULTS.ledger.keepDays)
        .describe('flows and transcripts older than this are deleted'),
      maxSizeMb: z
        .int()
        .min(8)
        .max(1_000_000)
        .default(DEFAULTS.ledger.maxSizeMb)
        .describe('the oldest flows and transcripts are deleted to stay below it'),
    })
    .prefault({}),
  logging: z
    .strictObject({
      blockedFile: z
        .string()
        .default(DEFAULTS.logging.blockedFile)
        .describe(
          'absolute path of a tab-separated file that gets one line a blocked connection; empty: none',
        ),
    })
    .prefault({}),
});

/** The configuration with every default filled in. */
export type Config = z.infer<typeof configSchema>;
