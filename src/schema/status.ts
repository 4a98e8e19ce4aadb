import { z } from 'zod';
import { MODES } from '../model/flow.ts';
import { nullableText } from './flow.ts';
import { judgeStatusSchema } from './judge.ts';
import { listSchema } from './list.ts';

const percentilesSchema = z.object({ p50: z.number().nullable(), p99: z.number().nullable() });

/** What `status --json` prints. */
export const statusSchema = z.object({
  version: z.string().describe('version of the engine'),
  pid: z.int().describe('process id of the engine'),
  startedAt: z.number().describe('Unix milliseconds'),
  mode: z
    .enum(MODES)
    .describe('permissive forwards and records what would be blocked; lockdown passes only allow rules'),
  unattended: z.enum(['allow', 'block']).describe('what happens when nothing decides and nobody answers'),
  failMode: z.enum(['open', 'closed']).describe('what the network does when the engine dies'),
  proxy: z
    .object({
      port: z.int().describe('in use; 0 while the engine starts'),
      configured: z.int().describe('proxy.port at the start; another program held it where the two differ'),
    })
    .describe('the loopback port that the kernel redirects to'),
  /** False when failMode is open and the watchdog is not running: a kill would then leave the network closed. */
  guardRunning: z
    .boolean()
    .describe(
      'whether the watchdog runs; without it a kill leaves the network closed, and nobody ends an engine that hangs',
    ),
  /** `enforced`: the last functional probe came through the kernel to us. `no_route`: the machine is offline. */
  enforcement: z
    .object({
      state: z
        .enum(['enforced', 'not_enforced', 'no_route', 'unknown'])
        .describe('enforced: the last probe came through the kernel to us; no_route: the machine is offline'),
      probedAt: z.number().nullable().describe('Unix milliseconds; null before the first probe'),
      detail: nullableText.describe('what the probe met'),
    })
    .describe('whether connections really come through the firewall, by the last probe'),
  interference: z
    .object({
      times: z.int().describe('how often'),
      at: z.number().describe('the last time, Unix milliseconds'),
      by: z.string().describe('the program that did it the last time'),
    })
    .nullable()
    .describe('others who changed or removed our kernel rules, which were put back; null when nobody did'),
  counts: z
    .object({
      total: z.int().describe('flows since the start'),
      allowed: z.int().describe('forwarded'),
      blocked: z.int().describe('reset or forbidden'),
      defaulted: z.int().describe('nothing decided them'),
      held: z.int().describe('waiting for an answer now'),
      open: z.int().describe('connected now'),
      refusedAtLimit: z.int().describe('refused because there were too many at once'),
      notRedirected: z.int().describe('made straight to the proxy port, and refused'),
      goneBeforeAccept: z.int().describe('given up by their programs before they were accepted; in no log'),
      turnedAway: z
        .int()
        .nullable()
        .describe(
          'first packets of connections that the kernel turned away because too many waited to be accepted, repeated ones too; in no log; null where the system does not tell',
        ),
      unknownOrigin: z.int().describe('flows of which the program is not known'),
    })
    .describe('of this run of the engine'),
  decisionUs: percentilesSchema.describe('of the latest flows, microseconds; null when there were none'),
  connectUs: percentilesSchema.describe('of the latest flows, microseconds; null when there were none'),
  /** How late timers of the engine fire; p99 and maximum of the last minute, milliseconds. */
  loopLagMs: z
    .object({ p99: z.number(), max: z.number() })
    .describe('how late timers of the engine fire, last minute, milliseconds'),
  ledger: z
    .object({
      state: z.enum(['ok', 'failing']).describe('failing costs history, never a connection'),
      error: nullableText.describe(
        'what is wrong and what to do; with ok something that happened and is over',
      ),
      queued: z.int().describe('records that wait for the disk'),
      /** Flow records that were given up because the ledger could not be written; history, never a connection. */
      lost: z.int().describe('records given up since the start'),
      path: z.string().describe('the database'),
    })
    .describe('the history of flows'),
  offload: z
    .object({
      state: z
        .enum(['runs', 'silent', 'ended', 'none'])
        .describe(
          'silent: it does not answer, and the engine is ended if that lasts; ended: flows go on without it',
        ),
      carried: z
        .int()
        .describe(
          'connections it carries now; one of plain HTTP counts once for each way that it carries of it',
        ),
    })
    .describe('the thread that moves bytes; none on macOS'),
  lists: z.array(listSchema).describe('every list and every source'),
  rules: z.int().describe('rules in force'),
  judge: judgeStatusSchema,
  notify: z
    .enum(['never', 'bell', 'desktop'])
    .describe('how a screen calls for a person when it has a question'),
  config: z
    .object({
      path: nullableText.describe('null when there is none'),
      error: nullableText.describe('why the file on disk is not in force; null when it is'),
    })
    .describe('the configuration file'),
  memoryMb: z.number().describe('resident memory'),
});

export type Status = z.infer<typeof statusSchema>;
