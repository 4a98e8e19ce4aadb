import { z } from 'zod';
import { MEASURED_FPR, SCORE_THRESHOLDS } from '../../lists/score/thresholds.ts';

/** Every default in one place; what the file does not say is taken from here. */
export const DEFAULTS = {
  policy: { mode: 'enforce', unattended: 'allow', ask: 'person', holdMs: 15_000 },
  proxy: {
    port: 17_443,
    maxConnections: 16_384,
    sniffWaitMs: 300,
    sniffTimeoutMs: 5_000,
    connectTimeoutMs: 10_000,
    forward: 'verified',
  },
  intercept: {
    failMode: 'open',
    group: '_resolagent',
    udp443: 'reject',
    ports: 'all',
    skip: [
      '0.0.0.0/8',
      '10.0.0.0/8',
      '100.64.0.0/10',
      '127.0.0.0/8',
      '169.254.0.0/16',
      '172.16.0.0/12',
      '192.168.0.0/16',
      '224.0.0.0/3',
      '::1/128',
      'fc00::/7',
      'fe80::/10',
      'ff00::/8',
    ],
  },
  lists: {
    files: [],
    allowFiles: [],
    malware: true,
    phishing: true,
    ads: true,
    analytics: true,
    social: false,
    gambling: false,
    fakenews: false,
    adult: false,
    update: true,
    updateHours: 24,
    privateSources: false,
  },
  generated: { enabled: true, ...SCORE_THRESHOLDS.generated },
  phishing: { enabled: true, ...SCORE_THRESHOLDS.phishing },
  entropy: { tolerance: SCORE_THRESHOLDS.entropy, action: 'escalate' },
  trust: { enabled: true, tolerance: 65, lookup: true, waitMs: 250 },
  judge: {
    enabled: true,
    apiUrl: 'http://127.0.0.1:1234/v1',
    model: 'gpt-oss-20b',
    apiKeyFile: '',
    rounds: 12,
    timeoutMs: 60_000,
    holdMs: 20_000,
    whileJudging: 'hold',
    dailyTokens: 1_000_000,
    dnsUrl: 'https://cloudflare-dns.com/dns-query',
    virustotalKeyFile: '',
  },
  screen: { notify: 'never' },
  ledger: { keepDays: 30, maxSizeMb: 512 },
  logging: { blockedFile: '' },
} as const;

const portNumber = z.int().min(1).max(65_535);
const cidr = z.union([z.cidrv4(), z.cidrv6()]);

const listFile = z.strictObject({
  /** A file, or a folder whose files are all read; hosts, plain domain or ABP format, told by content. */
  path: z.string().min(1),
  /** What a match is called; `custom` is always on. */
  category: z
    .enum(['malware', 'phishing', 'ads', 'analytics', 'social', 'gambling', 'fakenews', 'adult', 'custom'])
    .default('custom'),
  name: z.string().min(1).max(60).optional(),
});

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

const { judge } = DEFAULTS;
const keyFile = z
  .string()
  .refine((path) => path === '' || path.startsWith('/'), 'expected an absolute path, or nothing at all');
const judgeSchema = z
  .strictObject({
    enabled: z
      .boolean()
      .default(judge.enabled)
      .describe(
        'ask a language model about names that nothing else decided; a server that is not there costs nothing',
      ),
    apiUrl: z
      .url({ protocol: /^https?$/, error: 'expected an address such as http://127.0.0.1:1234/v1' })
      .max(1_000)
      .refine((text) => !/[@?#]/.test(text), 'expected no password, query or fragment')
      .default(judge.apiUrl)
      .describe('an OpenAI-compatible server, up to and with /v1'),
    model: z.string().min(1).max(200).default(judge.model).describe('the model, as that server calls it'),
    apiKeyFile: keyFile
      .default(judge.apiKeyFile)
      .describe('a file with its key that nobody but root can read; empty: RESOLAGENT_JUDGE_KEY, or none'),
    rounds: z.int().min(1).max(12).default(judge.rounds).describe('replies of the model in one inquiry'),
    timeoutMs: z
      .int()
      .min(1_000)
      .max(600_000)
      .default(judge.timeoutMs)
      .describe(
        'how long one inquiry may take, milliseconds; past holdMs its verdict counts for the next connection',
      ),
    holdMs: z
      .int()
      .min(100)
      .max(120_000)
      .default(judge.holdMs)
      .describe('how long a connection waits for the judge, milliseconds; then the person is asked'),
    whileJudging: z
      .enum(['hold', 'allow', 'block'])
      .default(judge.whileJudging)
      .describe('what happens to a connection while the judge thinks about its name; hold: up to holdMs'),
    dailyTokens: z
      .int()
      .min(0)
      .default(judge.dailyTokens)
      .describe('tokens that inquiries may use in 24 hours; 0: no limit'),
    dnsUrl: z
      .url({ protocol: /^https$/, error: 'expected an address that begins with https://' })
      .max(1_000)
      .default(judge.dnsUrl)
      .describe('the DNS over HTTPS server that the judge resolves names with'),
    virustotalKeyFile: keyFile
      .default(judge.virustotalKeyFile)
      .describe(
        'a file with a VirusTotal key that nobody but root can read; empty: RESOLAGENT_VIRUSTOTAL_KEY, or not asked',
      ),
  })
  .prefault({});

/** The whole configuration file. Unknown keys are errors: a misspelt key must not pass for a default. */
export const configSchema = z.strictObject({
  policy: z
    .strictObject({
      mode: z
        .enum(['enforce', 'permissive', 'lockdown'])
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
      port: portNumber.default(DEFAULTS.proxy.port).describe('loopback port that the kernel redirects to'),
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
