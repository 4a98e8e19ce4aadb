import { z } from 'zod';
import {
  EVIDENCE_SOURCES,
  JUDGE_KINDS,
  LEANINGS,
  MARK_KINDS,
  MODEL_FAILURES,
  OUTCOME_WHYS,
} from '../model/inquiry.ts';
import { RULE_ACTIONS } from '../model/rule.ts';
import { domainText, hostText, unixMs } from './brands.ts';
import { evidenceSchema, nullableText } from './flow.ts';
import { answerScopeSchema, promptSchema } from './prompt.ts';

const inquiryId = z.int().min(1);
const tokensSchema = z.object({
  prompt: z.int().describe('tokens the model read'),
  completion: z.int().describe('tokens it wrote'),
});
const argsSchema = z.record(z.string(), z.unknown());

const failureSchema = z.object({
  why: z.enum(MODEL_FAILURES).describe('how the model failed'),
  detail: z.string().describe('what the server said'),
});

const callSchema = z.object({
  callId: nullableText.describe("the server's id of a native call; null in the text protocol"),
  tool: z.string().describe('the tool it asked for'),
  args: argsSchema.describe('with these arguments'),
});

const toolResultSchema = z.object({
  id: nullableText.describe('by which a verdict cites it; null when the tool failed'),
  tool: z.string().describe('the tool'),
  args: argsSchema.describe('the arguments it was called with'),
  source: z.enum(EVIDENCE_SOURCES).nullable().describe('whose words it holds; null when the tool failed'),
  text: z.string().describe('what it returned; hostile text, cleaned and capped'),
  // Transcripts of before there were facts have none.
  facts: z
    .array(
      z.object({
        leans: z.enum(LEANINGS).describe('whether it speaks for the name'),
        text: z.string().describe('one sentence of our own'),
      }),
    )
    .default([])
    .describe('what in it no stranger wrote; an allow rests on these'),
  instructions: nullableText.describe(
    'words in it that speak to the model or of verdicts; null when there are none',
  ),
  ms: z.number().describe('how long it took, milliseconds'),
});

const outcomeSchema = z.object({
  kind: z.enum(JUDGE_KINDS).describe('what the judge thinks'),
  why: z
    .enum(OUTCOME_WHYS)
    .describe('why it ended so; allow_refused and block_refused: the model said so and was not believed'),
  reasons: z.array(z.string()).describe('sentences for a person'),
  evidence: z.array(z.string()).describe('ids of tool results it rests on'),
});

const markSchema = z.object({
  kind: z.enum(MARK_KINDS).describe('the sign of an attempt on the judge'),
  evidence: nullableText.describe('the tool result it was found in'),
  text: z.string().describe('one sentence for a person'),
});

const appSchema = z.object({
  name: nullableText.describe('what a person calls the program'),
  path: nullableText.describe('its executable'),
  signer: nullableText.describe('signing identity (macOS), else null'),
  user: nullableText.describe('user name'),
  parents: z.array(z.string()).describe('programs that led to it, parent first'),
  firstSeen: unixMs.nullable().describe('when this machine first saw it, Unix milliseconds'),
});

/** The transcript of an inquiry, as `judge show --json` prints it. */
export const inquirySchema = z.object({
  id: inquiryId.describe('grows by one an inquiry'),
  at: unixMs.describe('when it began, Unix milliseconds'),
  input: z
    .object({
      host: hostText.describe('the name asked about'),
      domain: domainText.describe('its registrable domain, which the verdict is for'),
      port: z.int().describe('the port'),
      app: appSchema.describe('the program that asked first'),
      scores: z.array(evidenceSchema).describe('what the embedded scores say'),
      pastBlock: z.boolean().describe('the scores put the name past a block threshold'),
      listed: nullableText.default(null).describe('what our own tables say for the name'),
      now: unixMs.describe('Unix milliseconds'),
    })
    .describe('what the model was told'),
  apiUrl: z.string().describe('the server'),
  model: z.string().describe('the model'),
  promptVersion: z.string().describe('the prompt'),
  rounds: z
    .array(
      z.object({
        isBlind: z
          .boolean()
          .default(false)
          .describe('the model was asked with all words of strangers taken out'),
        dialect: z.enum(['native', 'text']).nullable().describe('native tool calls, or the text protocol'),
        said: z.string().describe('what the model said, cleaned and capped'),
        calls: z.array(callSchema).describe('the tools it asked for'),
        results: z.array(toolResultSchema).describe('what they returned'),
        problem: nullableText.describe('what was wrong with the reply, or why there was none'),
        // Transcripts of before this was known have none.
        retried: z
          .array(failureSchema)
          .default([])
          .describe('failures in passing after which the model was asked again'),
        tokens: tokensSchema.describe('of this round'),
        ms: z.number().describe('milliseconds the model took'),
      }),
    )
    .describe('each a reply of the model and the results it asked for'),
  outcome: outcomeSchema.describe('how it ended'),
  marks: z.array(markSchema).describe('signs of attempts on the judge'),
  tokens: tokensSchema.describe('of all rounds'),
  durationMs: z.number().describe('milliseconds, tools included'),
  failure: failureSchema.nullable().describe('with model_failed; null else'),
  replayOf: z.int().nullable().describe('the inquiry this one was run from again; null for a real one'),
});
export type InquiryReport = z.infer<typeof inquirySchema>;

/** A line of `judge list --json`. */
export const inquirySummarySchema = z.object({
  id: inquiryId.describe('for `judge show`'),
  at: z.number().describe('when it began, Unix milliseconds'),
  host: z.string().describe('the name asked about'),
  domain: z.string().describe('its registrable domain'),
  app: nullableText.describe('the program that asked first'),
  kind: outcomeSchema.shape.kind,
  why: outcomeSchema.shape.why,
  reason: nullableText.describe('the first reason'),
  marks: z.int().describe('signs of attempts on the judge'),
  rounds: z.int().describe('replies of the model'),
  tokens: z.int().describe('tokens of all rounds'),
  durationMs: z.number().describe('milliseconds, tools included'),
  model: z.string().describe('the model'),
  replayOf: z.int().nullable().describe('the inquiry this one was run from again'),
});
export type InquirySummary = z.infer<typeof inquirySummarySchema>;

/** A verdict in force, as `judge learned --json` prints it. */
export const keptVerdictSchema = z.object({
  domain: domainText.describe('the registrable domain'),
  app: nullableText.describe('the program it is for, by its path; null for programs that are not known'),
  kind: outcomeSchema.shape.kind,
  reasons: z.array(z.string()).describe('why'),
  marks: z.array(z.string()).describe('signs of attempts on the judge'),
  inquiry: inquiryId.describe('where it comes from'),
  model: z.string().describe('whose verdict it is'),
  promptVersion: z.string().describe('on which prompt'),
  at: unixMs.describe('since when, Unix milliseconds'),
  expiresAt: unixMs.describe('until when, Unix milliseconds'),
});
export type KeptVerdictReport = z.infer<typeof keptVerdictSchema>;

const findingSchema = z
  .object({
    ok: z.boolean(),
    ms: z.number().nullable().describe('how long it took, milliseconds'),
    detail: z.string().describe('what was met'),
  })
  .describe('one thing that was tried');

/** What `judge check --json` prints. */
export const judgeCheckSchema = z.object({
  at: z.number().describe('when it was tried, Unix milliseconds'),
  apiUrl: z.string().describe('the server'),
  model: z.string().describe('the model asked for'),
  models: z.array(z.string()).describe('models the server says it has, up to 50'),
  reachable: findingSchema.describe('the server answers'),
  completion: findingSchema.describe('the model answers'),
  streaming: findingSchema.describe('its answer comes piece by piece'),
  nativeTools: findingSchema.describe('it calls tools natively'),
  structured: findingSchema.describe('it keeps to a JSON schema'),
  textProtocol: findingSchema.describe('it can be read without either'),
  usable: z.boolean().describe('inquiries can be made with it'),
});
export type JudgeCheck = z.infer<typeof judgeCheckSchema>;

/** How the judge stands; part of `status --json`. */
export const judgeStatusSchema = z
  .object({
    state: z
      .enum(['off', 'ready', 'unreachable', 'refused', 'out_of_tokens', 'unknown'])
      .describe('off by configuration; unreachable and refused are retried; unknown: not yet tried'),
    detail: nullableText.describe('what is wrong and what to do; null when nothing is'),
    model: z.string().describe('the model'),
    apiUrl: z.string().describe('the server'),
    running: z.int().describe('inquiries under way'),
    waiting: z.int().describe('inquiries that wait for a place'),
    done: z.int().describe('inquiries since the start'),
    marked: z.int().describe('of them with signs of an attempt on the judge'),
    tokensToday: z.int().describe('tokens of the last 24 hours'),
    dailyTokens: z.int().describe('the limit; 0 is none'),
  })
  .describe('the judge');

const request = <M extends string>(method: M) => ({ id: z.int(), method: z.literal(method) });

/** What a client may ask about the judge and of the questions. */
export const judgeRequests = [
  z.strictObject({
    ...request('judge.list'),
    limit: z.int().min(1).max(1_000).default(100),
    /** Only inquiries with a smaller id: page on with the last id seen. */
    before: z.int().nullable().default(null),
  }),
  z.strictObject({ ...request('judge.show'), inquiry: inquiryId }),
  z.strictObject({ ...request('judge.replay'), inquiry: inquiryId }),
  z.strictObject(request('judge.check')),
  z.strictObject({ ...request('judge.learned'), limit: z.int().min(1).max(5_000).default(1_000) }),
  /** Takes a kept verdict back; the next connection is judged anew. */
  z.strictObject({ ...request('judge.forget'), domain: z.string().min(1).max(260) }),
  z.strictObject(request('questions.list')),
  z.strictObject({
    ...request('questions.answer'),
    question: z.int(),
    action: z.enum(RULE_ACTIONS),
    scope: answerScopeSchema,
  }),
  /** A person is at the keys of this screen: questions may be asked again. */
  z.strictObject(request('present')),
] as const;

/** What each of them answers with. */
export const judgeResults = {
  'judge.list': z.object({ inquiries: z.array(inquirySummarySchema), more: z.boolean() }),
  'judge.show': z.object({ inquiry: inquirySchema }),
  'judge.replay': z.object({ inquiry: inquirySchema }),
  'judge.check': judgeCheckSchema,
  /** The newest; `more` are older ones that were left out. */
  'judge.learned': z.object({ verdicts: z.array(keptVerdictSchema), more: z.int() }),
  /** `domain`: whose verdict it was, which may be a parent of the name asked for. */
  'judge.forget': z.object({ forgotten: z.boolean(), domain: z.string() }),
  'questions.list': z.object({ questions: z.array(promptSchema) }),
  /** `answered`: flows that were settled; `rule` is its id, null for `once`; `saved` as with rules.add. */
  'questions.answer': z.object({ answered: z.int(), rule: nullableText, saved: z.boolean() }),
  present: z.object({ present: z.literal(true) }),
} as const;

/** Sent to screens. */
export const judgeEvents = [
  /** All open questions, longest waiting first; the newest list wins. */
  z.object({ event: z.literal('questions'), questions: z.array(promptSchema) }),
] as const;
