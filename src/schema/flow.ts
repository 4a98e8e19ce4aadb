import { z } from 'zod';
import {
  CATEGORIES,
  EFFECTS,
  FLOW_STATES,
  MODES,
  PROTOCOLS,
  REASONS,
  STAGES,
  UNKNOWN_ORIGINS,
  VERDICT_KINDS,
} from '../model/flow.ts';
import { flowId, hostText, ipText, pid, ruleId, uid, unixMs } from './brands.ts';

export const nullableText = z.string().nullable();
const ancestorSchema = z.object({
  pid: pid.describe('process id'),
  path: nullableText.describe('executable; null when the kernel would not tell'),
  name: z.string().describe('what a person calls it'),
});

const originSchema = z.object({
  pid: pid.nullable().describe('process id; null when unknown'),
  path: nullableText.describe('executable; null when the kernel would not tell'),
  name: nullableText.describe('what a person calls the program'),
  uid: uid.nullable().describe('numeric user id'),
  user: nullableText.describe('user name'),
  parents: z.array(ancestorSchema).describe('parent first, then its parent, up to 16'),
  signer: nullableText.describe('signing identity (macOS), else null'),
  responsiblePid: pid.nullable().describe('the process that is responsible for this one (macOS), else null'),
  unknown: z.enum(UNKNOWN_ORIGINS).nullable().describe('why the program is not known; null when it is'),
});

const sniffSchema = z.object({
  protocol: z
    .enum(PROTOCOLS)
    .describe('unknown: it spoke neither TLS nor HTTP; silent: it waited for the server to speak'),
  sni: nullableText.describe('server name of the ClientHello as sent; hostile text'),
  httpHost: nullableText.describe('Host header as sent; hostile text'),
  alpn: z.array(z.string()).describe('protocols offered in the ClientHello'),
  ech: z.boolean().describe('the ClientHello carries encrypted_client_hello: sni may be the outer name only'),
  ja4: nullableText.describe('JA4 fingerprint, TLS only'),
  malformed: nullableText.describe('what was wrong when the bytes broke the grammar of TLS or HTTP'),
});

const sentence = z.string().describe('one sentence for a person');
export const evidenceSchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('rule'), rule: ruleId.describe('id of the rule'), text: sentence }),
    z.object({
      kind: z.literal('list'),
      list: z.string().describe('name of the list'),
      category: z.enum([...CATEGORIES, 'allow']).describe('what the list holds'),
      entry: z.string().describe('the entry that matched: the name itself or a parent of it'),
      line: z.int().describe('where it stands in the source, from 1; 0 when that has no lines'),
      text: sentence,
    }),
    z.object({
      kind: z.literal('score'),
      signal: z.string().describe('what was measured'),
      value: z.number().nullable().describe('null when it could not be had'),
      text: sentence,
    }),
    z.object({
      kind: z.literal('judge'),
      inquiry: z.int().describe('id of the inquiry: `resolagent judge show ID`'),
      text: sentence,
    }),
    z.object({ kind: z.literal('address'), ip: ipText.describe('the address'), text: sentence }),
    z.object({ kind: z.literal('note'), text: sentence }),
  ])
  .meta({ id: 'Evidence' });

export const verdictSchema = z
  .object({
    kind: z.enum(VERDICT_KINDS).describe('what the firewall thinks of it'),
    // What a newer engine adds ends no connection to it.
    stage: z
      .enum(STAGES)
      .catch('newer')
      .describe('the step that decided; newer: one that this version does not know'),
    reason: z
      .enum(REASONS)
      .catch('newer')
      .describe('why; newer: for a reason that this version does not know'),
    evidence: z.array(evidenceSchema).describe('what the step rests on'),
  })
  .meta({ id: 'Verdict' });

/** One flow: the object that `log --json` prints a line of. Described field by field on the type. */
export const flowSchema = z.object({
  id: flowId.describe('grows by one a flow, over restarts too'),
  at: unixMs.describe('when it was accepted, Unix milliseconds'),
  origin: originSchema.describe('the program that asked'),
  target: z
    .object({
      host: hostText.nullable().describe('the name the decision used; null for a bare address'),
      ip: ipText.describe('the address the program dialled'),
      port: z.int().describe('the port the program dialled'),
    })
    .describe('where it goes'),
  sniff: sniffSchema.describe('what the first bytes told'),
  verdict: verdictSchema.describe('what the firewall thought of it; the mode is not part of that'),
  mode: z.enum(MODES).describe('mode of the engine at that moment'),
  effect: z
    .enum(EFFECTS)
    .describe(
      'what happened to it; forbidden is HTTP 403, held waits for an answer, closed never said anything',
    ),
  defaulted: z.boolean().describe('nothing decided it, and policy.unattended did'),
  nameMismatch: z.boolean().describe('the dialled address is not one of the name; upstreamIp is one that is'),
  upstreamIp: ipText.nullable().describe('the address the engine connected to; null when it did not'),
  state: z.enum(FLOW_STATES).describe('how it ended; open while it has not'),
  detail: nullableText.describe('the error behind connect_failed and the like, one word'),
  bytesIn: z.number().describe('payload from the server to the program'),
  bytesOut: z.number().describe('payload from the program to the server'),
  decisionUs: z.number().describe('from the last byte the sniffer needed to the verdict, microseconds'),
  connectUs: z
    .number()
    .nullable()
    .describe('from verdict to an established connection, microseconds; null when there was none'),
  durationMs: z.number().nullable().describe('from accept to the end, milliseconds; null while open'),
});
