import { SCORE_THRESHOLDS } from '../../lists/score/thresholds.ts';
import { PRIVATE_V4_RANGES, PRIVATE_V6_RANGES } from '../model/ip.ts';
import { TRUST } from '../score/constants.ts';

/** Every default in one place; what the file does not say is taken from here. */
export const DEFAULTS = {
  policy: { mode: 'enforce', unattended: 'allow', ask: 'person', holdMs: 15_000 },
  proxy: {
    // Below what any user may listen on, and below what bindresvport(3) takes (600 to 1023); it and the next are nobody's at IANA.
    port: 297,
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
    skip: [...PRIVATE_V4_RANGES, ...PRIVATE_V6_RANGES],
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
  trust: { enabled: true, tolerance: TRUST.tolerance, weights: TRUST.weights, lookup: true, waitMs: 250 },
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
