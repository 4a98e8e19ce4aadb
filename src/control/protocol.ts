import { z } from 'zod';
import { RULE_ORIGINS } from '../model/rule.ts';
import { explanationSchema } from '../schema/explanation.ts';
import { flowSchema } from '../schema/flow.ts';
import { judgeEvents, judgeRequests, judgeResults } from '../schema/judge.ts';
import { listEvents, listRequests, listResults } from '../schema/list.ts';
import { ruleDraftSchema, ruleSchema } from '../schema/rule.ts';
import { statusSchema } from '../schema/status.ts';
import { whySchema } from '../schema/why.ts';

/** A longer line from a client is refused and the connection closed. */
export const MESSAGE_MAX_BYTES = 8_388_608;
/** A longer line from the engine is refused by the client; the engine sends none. */
export const REPLY_MAX_BYTES = 33_554_432;

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
  /** Holds a stored verdict against the policy of today. */
  z.strictObject({ id: z.int(), method: z.literal('why'), flow: z.int() }),
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
    origin: z.enum(RULE_ORIGINS).exclude(['file']),
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
  why: whySchema,
  explain: explanationSchema,
  'rules.list': z.object({ rules: z.array(ruleSchema) }),
  /** `saved` is false when the rule is in force but could not be written. `resetFlows`: open flows that were cut. */
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
