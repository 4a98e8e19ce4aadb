import { cleanText } from '../../model/clean.ts';
import type { JudgeInput, Outcome, OutcomeWhy, Tokens } from '../../model/inquiry.ts';
import { assertNever } from '../../model/never.ts';
import { findInstructions } from '../injection/instructions.ts';
import { boundedCall, type CallResult } from './call.ts';
import { assistantMessage, boundConversation, withNote } from './conversation.ts';
import type { ModelAnswer, ModelReply, ToolSpec } from './model.ts';
import { answerCalls, instructionsMark, planCalls } from './plan.ts';
import {
  CALLS_A_ROUND,
  openingText,
  strangersWords,
  systemPrompt,
  unreadableText,
  VERDICT_NOW,
} from './prompt.ts';
import {
  type JudgeEvent,
  type JudgeLimits,
  type JudgeState,
  sum,
  type Transition,
  withRound,
} from './state.ts';
import { acceptVerdict, type Ending } from './verdict.ts';

/** From this part of them on a verdict is demanded; what is left is enough for one more conversation. */
const TOKENS_TO_DEMAND = 0.7;
/** Less than that is no room for a reply. */
const REPLY_MIN_TOKENS = 256;
/** Room for a model that thinks aloud before it answers. */
const REPLY_MAX_TOKENS = 3_000;
const CALLS_KEPT = 16;
const MARKS_MAX = 24;

/** Starts an inquiry. `nonce` is unguessable, at least 16 characters, and new for each. */
export function begin(
  input: JudgeInput,
  limits: JudgeLimits,
  tools: readonly ToolSpec[],
  nonce: string,
): Transition {
  const words = strangersWords(input).map(findInstructions);
  const marks = words
    .filter((found) => found !== null)
    .map((found) => instructionsMark('the connection', null, found));
  const state: JudgeState = {
    phase: 'asking',
    input,
    limits,
    tools,
    nonce,
    messages: [
      { role: 'system', text: systemPrompt(tools, nonce) },
      { role: 'user', text: openingText(input, nonce) },
    ],
    asked: 0,
    last: null,
    wasUnreadable: false,
    wasRepaired: false,
    plan: [],
    known: new Map(),
    rounds: [],
    marks,
    tokens: { prompt: 0, completion: 0 },
    failure: null,
  };
  return ask(state, '', false);
}

/** What comes of an event; one that does not fit the phase, and any after the end, changes nothing. */
export function step(state: JudgeState, event: JudgeEvent): Transition {
  if (state.phase === 'finished') return { state, commands: [] };
  switch (event.kind) {
    case 'answer':
      return state.phase === 'asking' ? onAnswer(state, event.answer) : { state, commands: [] };
    case 'results':
      return state.phase === 'running'
        ? onResults(state, event.results, event.isLate)
        : { state, commands: [] };
    case 'deadline':
      return onEnd(state, 'time_over', event.tokens, 'the time was over');
    case 'stopped':
      return onEnd(state, 'stopped', event.tokens, 'the firewall stopped');
    default:
      return assertNever(event);
  }
}

function onAnswer(state: JudgeState, answer: ModelAnswer): Transition {
  const heard = { ...state, tokens: sum(state.tokens, answer.tokens) };
  if (answer.kind === 'reply') return onReply(heard, answer.reply, answer);
  const problem = cleanText(`${answer.why}: ${answer.detail}`);
  const noted = withRound(heard, answer, { problem });
  if (answer.why === 'too_long') return onUnreadable(noted, 'It was too long.', '');
  const failure = { why: answer.why, detail: cleanText(answer.detail) };
  return fail({ ...noted, failure }, 'model_failed', failure.detail || failure.why);
}

function onReply(state: JudgeState, reply: ModelReply, answer: ModelAnswer): Transition {
  switch (reply.kind) {
    case 'verdict':
      return onVerdict(state, reply, answer);
    case 'unreadable':
      return onUnreadable(
        withRound(state, answer, { said: reply.said, problem: reply.why }),
        reply.why,
        reply.said,
      );
    case 'calls':
      return onCalls(state, reply, answer);
    default:
      return assertNever(reply);
  }
}

function onVerdict(
  state: JudgeState,
  reply: Extract<ModelReply, { kind: 'verdict' }>,
  answer: ModelAnswer,
): Transition {
  const { said, verdict, reasons, evidence: cited } = reply;
  const evidence = [...state.known.values()].filter(({ id }) => id !== null);
  const isOrdered = state.marks.some(({ kind }) => kind === 'instructions');
  const accepted = acceptVerdict(reply, { evidence, pastBlock: state.input.pastBlock, isOrdered });
  const canRepair = accepted.kind === 'repairable' && state.last === null && !state.wasRepaired;
  const problem =
    accepted.ending.outcome.why === 'judged' ? null : (accepted.ending.outcome.reasons[0] ?? null);
  const noted = withRound(state, answer, {
    said: said || JSON.stringify({ verdict, reasons, evidence: cited }),
    problem,
  });
  if (!canRepair) return finish(noted, accepted.ending);
  const words = said || JSON.stringify({ verdict, evidence: cited.slice(0, CALLS_KEPT) });
  const messages = [...noted.messages, assistantMessage(words, [], state.nonce)];
  const tell = `Your verdict was not accepted. ${accepted.tell}`;
  return ask({ ...noted, messages, wasRepaired: true, wasUnreadable: false }, tell, false);
}

function onUnreadable(state: JudgeState, why: string, said: string): Transition {
  if (state.wasUnreadable || state.last !== null) {
    return fail(state, 'no_answer', `the model's reply could not be read: ${why}`);
  }
  const messages = [...state.messages, assistantMessage(said, [], state.nonce)];
  return ask({ ...state, messages, wasUnreadable: true }, unreadableText(why), false);
}

function onCalls(
  state: JudgeState,
  reply: Extract<ModelReply, { kind: 'calls' }>,
  answer: ModelAnswer,
): Transition {
  const { said } = reply;
  const calls = reply.calls.slice(0, CALLS_KEPT).map((call) => boundedCall(call, state.nonce));
  if (state.last !== null) {
    const problem = 'it called a tool when a verdict was wanted';
    return fail(
      withRound(state, answer, { said, calls, problem }),
      state.last,
      `the model had no verdict: ${problem}`,
    );
  }
  if (calls.length === 0) {
    const why = 'It calls no tool and gives no verdict.';
    return onUnreadable(withRound(state, answer, { said, problem: why }), why, said);
  }
  const plan = planCalls(reply.calls, state.tools, state.known, state.nonce);
  const left = reply.calls.length - plan.length;
  const noted = withRound(state, answer, { said, calls, problem: left > 0 ? leftOut(left) : null });
  const message = assistantMessage(
    said,
    plan.map(({ call }) => call),
    state.nonce,
  );
  const planned: JudgeState = {
    ...noted,
    messages: [...noted.messages, message],
    plan,
    wasUnreadable: false,
    phase: 'running',
  };
  const runs = plan.filter((one) => one.kind === 'run').map(({ run }) => run);
  if (runs.length === 0) return onResults(planned, [], false);
  return { state: planned, commands: [{ kind: 'run_tools', calls: runs }] };
}

function onResults(state: JudgeState, ran: readonly CallResult[], isLate: boolean): Transition {
  const { results, messages, known, marks } = answerCalls(state.plan, ran, state.known, state.nonce);
  const round = state.rounds.at(-1);
  const rounds = round === undefined ? state.rounds : [...state.rounds.slice(0, -1), { ...round, results }];
  const next: JudgeState = {
    ...state,
    phase: 'asking',
    plan: [],
    known,
    rounds,
    messages: [...state.messages, ...messages],
    marks: [...state.marks, ...marks].slice(0, MARKS_MAX),
  };
  return ask(next, round?.problem ?? '', isLate);
}

/** Asks for the next reply; when it must be the last, without tools. */
function ask(state: JudgeState, note: string, isLate: boolean): Transition {
  const spent = state.tokens.prompt + state.tokens.completion;
  const left = state.limits.tokens - spent;
  if (left < REPLY_MIN_TOKENS)
    return fail(state, 'tokens_over', `the inquiry's ${state.limits.tokens} tokens are spent`);
  const asked = state.asked + 1;
  const last = lastBecause(asked, spent, isLate, state.limits);
  const said = [note, last === null ? '' : VERDICT_NOW].filter((text) => text !== '').join('\n');
  const messages = boundConversation(withNote(state.messages, said), state.nonce);
  const next: JudgeState = { ...state, phase: 'asking', asked, last, messages };
  const tools = last === null ? state.tools : [];
  const maxTokens = Math.min(REPLY_MAX_TOKENS, left);
  return { state: next, commands: [{ kind: 'ask_model', messages, tools, maxTokens }] };
}

function lastBecause(asked: number, spent: number, isLate: boolean, limits: JudgeLimits): OutcomeWhy | null {
  if (asked >= limits.rounds) return 'rounds_over';
  if (spent >= limits.tokens * TOKENS_TO_DEMAND) return 'tokens_over';
  return isLate ? 'time_over' : null;
}

function onEnd(state: JudgeState, why: OutcomeWhy, tokens: Tokens, what: string): Transition {
  const doing = state.phase === 'running' ? 'while its tools ran' : 'while the model was asked';
  return fail(
    { ...state, tokens: sum(state.tokens, tokens) },
    why,
    `${what} ${doing}, in round ${state.asked}`,
  );
}

/** The end of an inquiry that came to nothing. */
function fail(state: JudgeState, why: OutcomeWhy, reason: string): Transition {
  const outcome: Outcome = { kind: 'unsure', why, reasons: [cleanText(reason)], evidence: [] };
  return finish(state, { outcome, marks: [] });
}

function finish(state: JudgeState, { outcome, marks: added }: Ending): Transition {
  const marks = [...state.marks, ...added];
  const finished: JudgeState = { ...state, phase: 'finished', marks, messages: [], plan: [] };
  return { state: finished, commands: [{ kind: 'finish', outcome, marks }] };
}

function leftOut(count: number): string {
  return `Only the first ${CALLS_A_ROUND} calls of a reply are run; ${count} more were left out.`;
}
