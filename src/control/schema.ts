import { z } from 'zod';
import type { FlowRecord } from '../model/flow.ts';
import type { Rule } from '../model/rule.ts';

/** A longer line from a client is refused and the connection closed. */
export const MESSAGE_MAX_BYTES = 1_048_576;
/** A longer line from the engine is refused by the client; the engine sends none. */
export const REPLY_MAX_BYTES = 33_554_432;

const nullableText = z.string().nullable();
const ancestorSchema = z.object({ pid: z.int(), path: nullableText, name: z.string() });

const originSchema = z.object({
  pid: z.int().nullable(),
  path: nullableText,
  name: nullableText,
  uid: z.int().nullable(),
  user: nullableText,
  parents: z.array(ancestorSchema),
  signer: nullableText,
  responsiblePid: z.int().nullable(),
  unknown: z
    .enum([
      'socket_gone',
      'no_process',
      'pid_reused',
      'not_permitted',
      'timed_out',
      'not_looked_at',
      'not_supported',
    ])
    .nullable(),
});

const sniffSchema = z.object({
  protocol: z.enum(['tls', 'http', 'unknown', 'silent']),
  sni: nullableText,
  httpHost: nullableText,
  alpn: z.array(z.string()),
  ech: z.boolean(),
  ja4: nullableText,
  malformed: nullableText,
});

const evidenceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rule'), rule: z.string(), text: z.string() }),
  z.object({
    kind: z.literal('list'),
    list: z.string(),
    category: z.enum([
      'malware',
      'phishing',
      'ads',
      'analytics',
      'social',
      'gambling',
      'fakenews',
      'adult',
      'custom',
      'allow',
    ]),
    entry: z.string(),
    line: z.int(),
    text: z.string(),
  }),
  z.object({ kind: z.literal('score'), signal: z.string(), value: z.number().nullable(), text: z.string() }),
  z.object({ kind: z.literal('address'), ip: z.string(), text: z.string() }),
  z.object({ kind: z.literal('note'), text: z.string() }),
]);

const stageSchema = z.enum([
  'accept',
  'scope',
  'rules',
  'allowlist',
  'blocklist',
  'integrity',
  'generated',
  'trust',
  'cache',
  'judge',
  'person',
  'name',
]);

const verdictSchema = z.object({
  kind: z.enum(['allow', 'block', 'ask']),
  stage: stageSchema,
  reason: z.enum([
    'in_scope',
    'not_in_scope',
    'rule',
    'allowlisted',
    'blocklisted',
    'code_changed',
    'generated_name',
    'trusted',
    'cached',
    'judged',
    'answered',
    'open_question',
    'nobody_to_ask',
    'time_over',
    'not_redirected',
    'own_traffic',
    'too_many_connections',
    'name_unresolved',
    'name_private',
    'upstream_blocked',
    'lockdown',
  ]),
  evidence: z.array(evidenceSchema),
});

/** One flow: the object that `log --json` prints a line of. Described field by field on the type. */
export const flowSchema = z.object({
  id: z.int(),
  at: z.number(),
  origin: originSchema,
  target: z.object({ host: nullableText, ip: z.string(), port: z.int() }),
  sniff: sniffSchema,
  verdict: verdictSchema,
  mode: z.enum(['enforce', 'permissive', 'lockdown']),
  effect: z.enum(['forward', 'reset', 'forbidden', 'held']),
  defaulted: z.boolean(),
  nameMismatch: z.boolean(),
  upstreamIp: nullableText,
  state: z.enum([
    'open',
    'closed',
    'client_reset',
    'server_reset',
    'refused',
    'connect_failed',
    'engine_stopped',
  ]),
  detail: nullableText,
  bytesIn: z.number(),
  bytesOut: z.number(),
  decisionUs: z.number(),
  connectUs: z.number().nullable(),
  durationMs: z.number().nullable(),
});

/** One rule, as `rules list --json` prints it. */
export const ruleSchema = z.object({
  id: z.string(),
  action: z.enum(['allow', 'block']),
  host: z.string(),
  port: z.int().nullable(),
  app: nullableText,
  user: nullableText,
  until: z.number().nullable(),
  createdAt: z.number(),
  origin: z.enum(['screen', 'command', 'import', 'file']),
  note: nullableText,
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
  stage: stageSchema,
  /** `won` decided; `would` comes after the winner and would have decided so; `passed` had nothing to say; `off` is not configured. */
  outcome: z.enum(['won', 'would', 'passed', 'off']),
  kind: z.enum(['allow', 'block', 'ask']).nullable(),
  evidence: z.array(evidenceSchema),
});
export type StepReport = z.infer<typeof stepSchema>;

export const explanationSchema = z.object({
  target: z.object({ host: nullableText, ip: nullableText, port: z.int() }),
  verdict: verdictSchema,
  mode: z.enum(['enforce', 'permissive', 'lockdown']),
  effect: z.enum(['forward', 'reset', 'forbidden', 'held']),
  defaulted: z.boolean(),
  steps: z.array(stepSchema),
});
export type Explanation = z.infer<typeof explanationSchema>;

const percentilesSchema = z.object({ p50: z.number().nullable(), p99: z.number().nullable() });

/** What `status --json` prints. */
export const statusSchema = z.object({
  version: z.string(),
  pid: z.int(),
  startedAt: z.number(),
  mode: z.enum(['enforce', 'permissive', 'lockdown']),
  unattended: z.enum(['allow', 'block']),
  failMode: z.enum(['open', 'closed']),
  /** False when failMode is open and the watchdog is not running: a kill would then leave the network closed. */
  guardRunning: z.boolean(),
  /** `enforced`: the last functional probe came through the kernel to us. `no_route`: the machine is offline. */
  enforcement: z.object({
    state: z.enum(['enforced', 'not_enforced', 'no_route', 'unknown']),
    probedAt: z.number().nullable(),
    detail: nullableText,
  }),
  counts: z.object({
    total: z.int(),
    allowed: z.int(),
    blocked: z.int(),
    defaulted: z.int(),
    held: z.int(),
    open: z.int(),
    refusedAtLimit: z.int(),
    notRedirected: z.int(),
    unknownOrigin: z.int(),
  }),
  decisionUs: percentilesSchema,
  connectUs: percentilesSchema,
  /** How late timers of the engine fire; p99 and maximum of the last minute, milliseconds. */
  loopLagMs: z.object({ p99: z.number(), max: z.number() }),
  ledger: z.object({
    state: z.enum(['ok', 'failing']),
    error: nullableText,
    queued: z.int(),
    /** Flow records that were given up because the ledger could not be written; history, never a connection. */
    lost: z.int(),
    path: z.string(),
  }),
  lists: z.array(
    z.object({
      name: z.string(),
      category: z.string(),
      entries: z.int(),
      skipped: z.int(),
      quarantined: z.int(),
      hits: z.int(),
      on: z.boolean(),
      error: nullableText,
    }),
  ),
  rules: z.int(),
  config: z.object({ path: nullableText, error: nullableText }),
  memoryMb: z.number(),
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
  z.strictObject({ id: z.int(), method: z.literal('probe') }),
  z.strictObject({ id: z.int(), method: z.literal('shutdown') }),
]);
export type Request = z.infer<typeof requestSchema>;
/** A request before defaults are filled in and its id is given. */
export type RequestInput =
  z.input<typeof requestSchema> extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

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
  z.object({ event: z.literal('stopping') }),
]);
export type Event = z.infer<typeof eventSchema>;

/** What came over the socket, brands restored: the schema checked every field. */
export const asFlow = (flow: z.infer<typeof flowSchema>): FlowRecord => flow as unknown as FlowRecord;
export const asRule = (rule: z.infer<typeof ruleSchema>): Rule => rule as unknown as Rule;
