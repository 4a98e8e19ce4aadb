import { cleanText } from '../../model/clean.ts';
import type { JudgeInput, Mark, Outcome, OutcomeWhy, RequestedCall, Tokens } from '../../model/inquiry.ts';
import { assertNever } from '../../model/never.ts';
import { findInstructions } from '../injection/instructions.ts';
import { answersTo, callsToRun, instructionsMark } from './answers.ts';
import { boundedCall, type CallResult } from './call.ts';
import { assistantMessage, boundConversation, toolMessage, withNote } from './conversation.ts';
import { factsText } from './facts.ts';
import { cleanBlock } from './fence.ts';
import type { Message, ModelAnswer, ModelReply, ToolSpec } from './model.ts';
import {
  blindInput,
  CALLS_A_ROUND,
  FACTS_ALONE,
  leftOutText,
  openingText,
  strangersWords,
  systemPrompt,
  unreadableText,
  VERDICT_NOW,
} from './prompt.ts';
import type { JudgeEvent, JudgeLimits, JudgeState } from './state.ts';
import { acceptVerdict } from './verdict.ts';

/** From this part of them on a verdict is demanded; what is left is enough for one more conversation. */
const TOKENS_TO_DEMAND = 0.7;
/** Less than that is no room for a reply. */
const REPLY_MIN_TOKENS = 256;
/** Room for a model that thinks aloud before it answers. */
const REPLY_MAX_TOKENS = 3_000;
/** Most of what a model said that a transcript keeps. */
const SAID_MAX_CHARS = 2_000;
const MARKS_MAX = 24;

type Reply<K extends ModelReply['kind']> = Extract<ModelReply, { kind: K }>;
/** An inquiry about which is decided what comes next. */
type Undecided = Omit<JudgeState, 'command'>;

/** Starts an inquiry. `nonce` is unguessable, at least 16 characters, and new for each. */
export function begin(
  input: JudgeInput,
  limits: JudgeLimits,
  tools: readonly ToolSpec[],
  nonce: string,
): JudgeState {
  const words = strangersWords(input).map(findInstructions);
  const state: Undecided = {
    input,
    limits,
    tools,
    nonce,
    messages: [
      { role: 'system', text: systemPrompt(tools, nonce) },
      { role: 'user', text: openingText(input, nonce) },
    ],
    last: null,
    wasUnreadable: false,
    wasRepaired: false,
    known: new Map(),
    rounds: [],
    marks: words
      .filter((found) => found !== null)
      .map((found) => instructionsMark('the connection', null, found)),
    tokens: { prompt: 0, completion: 0 },
    failure: null,
    allowed: null,
  };
  return ask(state, '', false);
}

/** What comes of an event; one that does not fit what was asked for, and any after the end, changes nothing. */
export function step(state: JudgeState, event: JudgeEvent): JudgeState {
  const { command } = state;
  if (command.kind === 'finish') return state;
  switch (event.kind) {
    case 'answer':
      return command.kind === 'ask_model' ? onAnswer(state, event.answer) : state;
    case 'results':
      if (command.kind !== 'run_tools') return state;
      return onResults(state, command.asked, event.results, event.isLate);
    case 'deadline':
      return onEnd(state, 'time_over', event.tokens, 'the time was over');
    case 'stopped':
      return onEnd(state, 'stopped', event.tokens, 'the firewall stopped');
    default:
      return assertNever(event);
  }
}

function onAnswer(state: JudgeState, answer: ModelAnswer): JudgeState {
  if (answer.kind === 'failed') {
    const { why, detail } = answer;
    const next = heard(state, answer, cleanText(`${why}: ${detail}`));
    if (why === 'too_long') return onUnreadable(next, 'It was too long.');
    return fail({ ...next, failure: { why, detail } }, 'model_failed', detail || why);
  }
  const { reply } = answer;
  switch (reply.kind) {
    case 'verdict':
      return onVerdict(state, reply, answer);
    case 'calls':
      return onCalls(state, reply, answer);
    case 'unreadable':
      return onUnreadable(heard(state, answer, reply.why, reply.said), reply.why);
    default:
      return assertNever(reply);
  }
}

function onVerdict(state: JudgeState, reply: Reply<'verdict'>, answer: ModelAnswer): JudgeState {
  const { verdict, reasons, evidence } = reply;
  if (state.allowed !== null) return onBlindVerdict(state, state.allowed, reply, answer);
  const { outcome, marks, tell } = acceptVerdict(reply, {
    evidence: [...state.known.values()].filter(({ id }) => id !== null),
    pastBlock: state.input.pastBlock,
    listed: state.input.listed,
    isOrdered: state.marks.some(({ kind }) => kind === 'instructions'),
  });
  const problem = outcome.why === 'judged' ? null : (outcome.reasons[0] ?? null);
  const next = heard(state, answer, problem, reply.said || JSON.stringify({ verdict, reasons, evidence }));
  if (outcome.kind === 'allow') return askBlind(next, outcome);
  if (tell === null || state.last !== null || state.wasRepaired) return finish(next, outcome, marks);
  const repaired = { ...next, wasRepaired: true, wasUnreadable: false };
  return ask(repaired, `Your verdict was not accepted. ${tell}`, false);
}

/**
 * An allow is asked for once more with no word of a stranger in the conversation: whatever was written to move the model, in whatever
 * language, it does not read it now. Calls stand without their arguments, which it may have been told to write.
 */
function askBlind(state: JudgeState, allowed: Outcome): JudgeState {
  const { nonce, tools } = state;
  const messages = state.rounds.flatMap(({ calls, results }): Message[] => {
    const made = calls.slice(0, results.length).map((call) => ({ ...call, args: {} }));
    if (made.length === 0) return [];
    const shown = made.flatMap((call, i) => {
      const result = results[i];
      return result === undefined ? [] : toolMessage(call, { ...result, text: factsText(result) }, nonce);
    });
    return [assistantMessage('', made, nonce), ...shown];
  });
  const opening: Message[] = [
    { role: 'system', text: systemPrompt(tools, nonce) },
    { role: 'user', text: openingText(blindInput(state.input), nonce) },
  ];
  const blind = { ...state, messages: [...opening, ...messages], allowed, wasUnreadable: false };
  return askLast(blind, FACTS_ALONE);
}

/** Asks for a verdict alone, of one who allowed. */
function askLast(state: JudgeState, note: string): JudgeState {
  return request(state, `${note}\n${VERDICT_NOW}`.trim(), 'allow_refused');
}

/** The allow stands when the facts alone led to it again. */
function onBlindVerdict(
  state: JudgeState,
  allowed: Outcome,
  { verdict, reasons, evidence, said }: Reply<'verdict'>,
  answer: ModelAnswer,
): JudgeState {
  const next = heard(state, answer, null, said || JSON.stringify({ verdict, reasons, evidence }));
  if (verdict === 'allow') return finish(next, allowed, []);
  const text = `the model allowed it while it read words of strangers; by the facts alone it says ${verdict}`;
  const refused = { ...allowed, kind: 'unsure', why: 'allow_refused' } as const;
  return finish(next, { ...refused, reasons: [text, ...reasons] }, []);
}

/** A reply that says nothing gets one more chance. */
function onUnreadable(state: JudgeState, why: string): JudgeState {
  if (state.wasUnreadable || (state.last !== null && state.allowed === null)) {
    return fail(state, 'no_answer', `the model's reply could not be read: ${why}`);
  }
  const again = { ...state, wasUnreadable: true };
  return state.allowed === null
    ? ask(again, unreadableText(why), false)
    : askLast(again, unreadableText(why));
}

function onCalls(state: JudgeState, reply: Reply<'calls'>, answer: ModelAnswer): JudgeState {
  const calls = reply.calls.map((call) => boundedCall(call, state.nonce));
  if (state.last !== null) {
    const problem = 'it called a tool when a verdict was wanted';
    const next = heard(state, answer, problem, reply.said);
    if (state.allowed !== null && !state.wasUnreadable) return askLast({ ...next, wasUnreadable: true }, '');
    return fail(next, state.last, `the model had no verdict: ${problem}`);
  }
  const asked = calls.slice(0, CALLS_A_ROUND);
  const problem = calls.length > asked.length ? leftOutText(calls.length - asked.length) : null;
  const next = { ...heard(state, answer, problem, reply.said, calls), wasUnreadable: false };
  const runs = callsToRun(asked, state.known);
  if (runs.length === 0) return onResults(next, asked, [], false);
  return { ...next, command: { kind: 'run_tools', calls: runs, asked } };
}

function onResults(
  state: JudgeState,
  asked: readonly RequestedCall[],
  ran: readonly CallResult[],
  isLate: boolean,
): JudgeState {
  const { results, messages, known, marks } = answersTo(asked, ran, state.known, state.nonce);
  const newest = state.rounds.at(-1);
  const next = {
    ...state,
    known,
    rounds: [...state.rounds.slice(0, -1), ...(newest === undefined ? [] : [{ ...newest, results }])],
    messages: [...state.messages, ...messages],
    marks: [...state.marks, ...marks].slice(0, MARKS_MAX),
  };
  return ask(next, newest?.problem ?? '', isLate);
}

/** Asks for the next reply; when it must be the last, without tools. */
function ask(state: Undecided, note: string, isLate: boolean): JudgeState {
  const { limits, rounds, tokens } = state;
  const spent = tokens.prompt + tokens.completion;
  let last: OutcomeWhy | null = isLate ? 'time_over' : null;
  if (spent >= limits.tokens * TOKENS_TO_DEMAND) last = 'tokens_over';
  if (rounds.length + 1 >= limits.rounds) last = 'rounds_over';
  const said = [note, last === null ? '' : VERDICT_NOW].filter((text) => text !== '').join('\n');
  return request(state, said, last);
}

/** Asks what stands in the conversation, with a note of ours at its end. */
function request(state: Undecided, note: string, last: OutcomeWhy | null): JudgeState {
  const left = state.limits.tokens - state.tokens.prompt - state.tokens.completion;
  if (left < REPLY_MIN_TOKENS) {
    return fail(state, 'tokens_over', `the inquiry's ${state.limits.tokens} tokens are spent`);
  }
  const messages = boundConversation(withNote(state.messages, note), state.nonce);
  const tools = last === null ? state.tools : [];
  const asked = { messages, tools, maxTokens: Math.min(REPLY_MAX_TOKENS, left) };
  return { ...state, last, messages, command: { kind: 'ask_model', request: asked } };
}

function onEnd(state: JudgeState, why: OutcomeWhy, tokens: Tokens, what: string): JudgeState {
  const isAsking = state.command.kind === 'ask_model';
  const round = state.rounds.length + (isAsking ? 1 : 0);
  const reason = `${what} while ${isAsking ? 'the model was asked' : 'its tools ran'}, in round ${round}`;
  return fail({ ...state, tokens: sum(state.tokens, tokens) }, why, reason);
}

/** The end of an inquiry that came to nothing. */
function fail(state: Undecided, why: OutcomeWhy, reason: string): JudgeState {
  return finish(state, { kind: 'unsure', why, reasons: [cleanText(reason)], evidence: [] }, []);
}

function finish(state: Undecided, outcome: Outcome, added: readonly Mark[]): JudgeState {
  return { ...state, marks: [...state.marks, ...added], command: { kind: 'finish', outcome } };
}

/** What an answer spent, said and called, in the transcript and in the conversation; `problem` is what was wrong with it. */
function heard(
  state: JudgeState,
  answer: ModelAnswer,
  problem: string | null,
  said = '',
  calls: readonly RequestedCall[] = [],
): JudgeState {
  const { tokens, ms, retried = [] } = answer;
  const dialect = answer.kind === 'reply' ? answer.dialect : null;
  const heardOf = { dialect, said: cleanBlock(said, SAID_MAX_CHARS), calls, results: [], problem };
  const round = { isBlind: state.allowed !== null, ...heardOf, retried, tokens, ms };
  const message = assistantMessage(said, calls.slice(0, CALLS_A_ROUND), state.nonce);
  return {
    ...state,
    tokens: sum(state.tokens, tokens),
    rounds: [...state.rounds, round],
    messages: [...state.messages, message],
  };
}

function sum(a: Tokens, b: Tokens): Tokens {
  return { prompt: a.prompt + b.prompt, completion: a.completion + b.completion };
}
