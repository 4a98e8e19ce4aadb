import { z } from 'zod';
import type { Rule } from '../model/rule.ts';
import { evidenceSchema, flowSchema, nullableText, stageSchema, verdictSchema } from './flow-schema.ts';
import { judgeEvents, judgeRequests, judgeResults, judgeStatusSchema } from './judge-schema.ts';
import { listEvents, listRequests, listResults, listSchema } from './list-schema.ts';

/** A longer line from a client is refused and the connection closed. */
export const MESSAGE_MAX_BYTES = 8_388_608;
/** A longer line from the engine is refused by the client; the engine sends none. */
export const REPLY_MAX_BYTES = 33_554_432;

/** One rule, as `rules list --json` prints it. */
export const ruleSchema = z.object({
  id: z.string().describe('eight hexadecimal characters; file: and its place for a rule from rules.d'),
  action: z.enum(['allow', 'block']).describe('what it does with connections it matches'),
  host: z
    .string()
    .describe(
      'example.com with all below it, =example.com alone, *.example.com only below, an address, a range, or *',
    ),
  port: z.int().nullable().describe('null for any'),
  app: nullableText.describe('path of an executable, or a bare file name; null for any'),
  user: nullableText.describe('user name or numeric id; null for any'),
  until: z.number().nullable().describe('void from this moment on, Unix milliseconds; null for ever'),
  createdAt: z.number().describe('Unix milliseconds'),
  origin: z.enum(['screen', 'command', 'import', 'file']).describe('how it was made'),
  note: nullableText.describe('what its maker wrote beside it'),
});

/** A rule to be made; the engine gives it its id and time, and refuses a host it cannot read. */
export const ruleDraftSchema = z.strictObject({
  action: z.enum(['allow', 'block']),
  host: z.string().min(1).max(260),
  port: z.int().min(1).max(65_535).nullable().default(null),
  app: z.string().min(1).max(4_096).nullable().default(null),
  user: z.string().min(1).max(64).nullable().default(null),
  until: z.number().positive().nullable().default(null),
  note: z.string().max(500).nullable().default(null),
});
export type RuleDraft = z.infer<typeof ruleDraftSchema>;

/** One step of decide, as `explain` and the breakdown show it. */
const stepSchema = z.object({
  stage: stageSchema.describe('the step'),
  /** `won` decided; `would` comes after the winner and would have decided so; `passed` had nothing to say; `off` is not configured. */
  outcome: z
    .enum(['won', 'would', 'passed', 'off'])
    .describe(
      'won decided; would comes after the winner and would have decided so; passed had nothing to say; off is not configured',
    ),
  kind: z.enum(['allow', 'block', 'ask']).nullable().describe('what the step says; null when nothing'),
  evidence: z.array(evidenceSchema).describe('what it rests on'),
});
export type StepReport = z.infer<typeof stepSchema>;

export const explanationSchema = z.object({
  target: z
    .object({
      host: nullableText.describe('the name asked about'),
      ip: nullableText.describe('the address asked about'),
      port: z.int().describe('the port asked about'),
    })
    .describe('what was asked about'),
  verdict: verdictSchema.describe('the verdict of the step that won'),
  owner: z
    .object({
      name: z.string().describe('who runs the name'),
      kind: z.string().describe('cdn, cloud, platform, hosting, service, ads, analytics or social'),
    })
    .nullable()
    .describe('whose the name is, by the provider lists; null when they do not tell'),
  mode: z.enum(['enforce', 'permissive', 'lockdown']).describe('mode of the engine'),
  effect: z.enum(['forward', 'reset', 'forbidden', 'held']).describe('what would happen in this mode'),
  defaulted: z.boolean().describe('nothing decides it, and policy.unattended does'),
  steps: z.array(stepSchema).describe('every step in order, losing ones too'),
});
export type Explanation = z.infer<typeof explanationSchema>;

const percentilesSchema = z.object({ p50: z.number().nullable(), p99: z.number().nullable() });

/** What `status --json` prints. */
export const statusSchema = z.object({
  version: z.string().describe('version of the engine'),
  pid: z.int().describe('process id of the engine'),
  startedAt: z.number().describe('Unix milliseconds'),
  mode: z
    .enum(['enforce', 'permissive', 'lockdown'])
    .describe('permissive forwards and records what would be blocked; lockdown passes only allow rules'),
  unattended: z.enum(['allow', 'block']).describe('what happens when nothing decides and nobody answers'),
  failMode: z.enum(['open', 'closed']).describe('what the network does when the engine dies'),
  /** False when failMode is open and the watchdog is not running: a kill would then leave the network closed. */
  guardRunning: z.boolean().describe('false with failMode open: a kill would then leave the network closed'),
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

const logQuery = {
  /** Only flows accepted at or after this moment. */
  sinceMs: z.number().nullable().default(null),
  /** The filter language of `log --filter`. */
  filter: z.string().max(1_000).default(''),
};

/** What a client may ask. Each line on the socket is one of these; each answer carries the same `id`. */
export const requestSchema = z.discriminatedUnion('method', [
  z.strictObject({ id: z.int(), method: z.literal('status') }),
  /** Streams events `flows` (state changes, newest state wins) and `status` until the socket closes. */
  z.strictObject({
    id: z.int(),
    method: z.literal('subscribe'),
    /** `screen` counts as a person who can be asked. */
    as: z.enum(['screen', 'log']),
    filter: z.string().max(1_000).default(''),
    /** How many of the latest flows come first. */
    backlog: z.int().min(0).max(5_000).default(0),
  }),
  z.strictObject({
    id: z.int(),
    method: z.literal('flows'),
    ...logQuery,
    limit: z.int().min(1).max(10_000).default(1_000),
    /** Only flows with a greater id: page on with the last id seen. */
    after: z.int().nullable().default(null),
  }),
  z.strictObject({ id: z.int(), method: z.literal('explainFlow'), flow: z.int() }),
  z.strictObject({
    id: z.int(),
    method: z.literal('explain'),
    host: z.string().min(1).max(260),
    port: z.int().min(1).max(65_535).default(443),
    app: z.string().max(4_096).nullable().default(null),
    user: z.string().max(64).nullable().default(null),
  }),
  z.strictObject({ id: z.int(), method: z.literal('rules.list') }),
  z.strictObject({
    id: z.int(),
    method: z.literal('rules.add'),
    rules: z.array(ruleDraftSchema).min(1).max(10_000),
    origin: z.enum(['screen', 'command', 'import']),
  }),
  z.strictObject({ id: z.int(), method: z.literal('rules.remove'), rule: z.string().min(1).max(80) }),
  /** Takes back the last rules.add or rules.remove of this connection. */
  z.strictObject({ id: z.int(), method: z.literal('rules.undo') }),
  /** What a person's overrides taught the scores. */
  z.strictObject({ id: z.int(), method: z.literal('feedback.list') }),
  z.strictObject({ id: z.int(), method: z.literal('feedback.forget'), host: z.string().min(1).max(260) }),
  z.strictObject({ id: z.int(), method: z.literal('feedback.reset') }),
  ...listRequests,
  ...judgeRequests,
  z.strictObject({ id: z.int(), method: z.literal('probe') }),
  z.strictObject({ id: z.int(), method: z.literal('shutdown') }),
]);
export type Request = z.infer<typeof requestSchema>;
/** A request before defaults are filled in and its id is given. */
export type RequestInput =
  z.input<typeof requestSchema> extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

/** One override that moves the scores of similar names, as `scores feedback list --json` prints it. */
const feedbackSchema = z.object({
  host: z.string(),
  label: z.string().describe('the part of the name that others are compared with'),
  said: z.enum(['allow', 'block']),
  at: z.number().describe('Unix milliseconds'),
});

/** What each method answers with. */
export const resultSchemas = {
  status: statusSchema,
  subscribe: z.object({ flows: z.array(flowSchema), status: statusSchema }),
  flows: z.object({ flows: z.array(flowSchema), more: z.boolean() }),
  explainFlow: explanationSchema,
  explain: explanationSchema,
  'rules.list': z.object({ rules: z.array(ruleSchema) }),
  /** `saved` is false when the rule is in force but the ledger could not write it. `resetFlows`: open flows that were cut. */
  'rules.add': z.object({ rules: z.array(ruleSchema), saved: z.boolean(), resetFlows: z.int() }),
  'rules.remove': z.object({ rules: z.array(ruleSchema), saved: z.boolean() }),
  'rules.undo': z.object({ added: z.array(ruleSchema), removed: z.array(ruleSchema), saved: z.boolean() }),
  'feedback.list': z.object({ examples: z.array(feedbackSchema) }),
  'feedback.forget': z.object({ forgotten: z.boolean() }),
  'feedback.reset': z.object({ forgotten: z.int() }),
  ...listResults,
  ...judgeResults,
  probe: statusSchema.shape.enforcement,
  shutdown: z.object({ stopping: z.literal(true) }),
} as const;
export type Method = keyof typeof resultSchemas;
export type Result<M extends Method> = z.infer<(typeof resultSchemas)[M]>;

export const replySchema = z.union([
  z.object({ id: z.int(), ok: z.literal(true), result: z.unknown() }),
  z.object({
    id: z.int().nullable(),
    ok: z.literal(false),
    error: z.object({
      code: z.enum(['bad_request', 'not_found', 'not_permitted', 'refused', 'failed']),
      message: z.string(),
    }),
  }),
]);
export type Reply = z.infer<typeof replySchema>;

/** Sent on a subscribed connection between replies. */
export const eventSchema = z.discriminatedUnion('event', [
  /** Flows that were decided, changed or ended since the last event; `missed` were dropped because the reader is slow. */
  z.object({ event: z.literal('flows'), flows: z.array(flowSchema), missed: z.int() }),
  z.object({ event: z.literal('status'), status: statusSchema }),
  ...listEvents,
  ...judgeEvents,
  z.object({ event: z.literal('stopping') }),
]);
export type Event = z.infer<typeof eventSchema>;

/** What came over the socket, brands restored: the schema checked every field. */
export const asRule = (rule: z.infer<typeof ruleSchema>): Rule => rule as unknown as Rule;
