import { z } from 'zod';
import { DEFAULTS } from './defaults.ts';

const { judge } = DEFAULTS;
const keyFile = z
  .string()
  .refine((path) => path === '' || path.startsWith('/'), 'expected an absolute path, or nothing at all');
/** What follows the address of an API where the whole of a request's is given. */
const ENDPOINT = /\/+(?:chat\/+)?completions\/*$/;
/** The section of the judge. */
export const judgeSchema = z
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
      .overwrite((text) => text.replace(ENDPOINT, ''))
      .default(judge.apiUrl)
      .describe('an OpenAI-compatible server, up to and with /v1; /chat/completions after that is left off'),
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
