import type { CallResult } from '../../../src/judge/core/call.ts';
import { begin, step } from '../../../src/judge/core/machine.ts';
import type {
  ModelAnswer,
  ModelReply,
  ModelRequest,
  ToolName,
  ToolSpec,
} from '../../../src/judge/core/model.ts';
import type { JudgeCommand, JudgeLimits, JudgeState } from '../../../src/judge/core/state.ts';
import type { Host, RegistrableDomain, UnixMs } from '../../../src/model/brand.ts';
import type {
  EvidenceSource,
  Fact,
  JudgeInput,
  JudgeKind,
  RequestedCall,
} from '../../../src/model/inquiry.ts';

export const NONCE = '0123456789abcdef';
const LIMITS: JudgeLimits = { rounds: 12, tokens: 40_000 };
export const NOW = Date.UTC(2026, 6, 1) as UnixMs;

const spec = (name: ToolName, key: string): ToolSpec => ({
  name,
  description: `What ${name} tells.`,
  parameters: { type: 'object', properties: { [key]: { type: 'string' } }, required: [key] },
});
export const SPECS: readonly ToolSpec[] = [
  spec('WHOIS', 'domain'),
  spec('DNS_RESOLVE', 'name'),
  spec('FETCH', 'host'),
  spec('CERTIFICATE', 'host'),
];

/** An ordinary question, with what a test wants otherwise. */
export function input(over: Partial<JudgeInput> = {}): JudgeInput {
  return {
    host: 'shop.cheap-watches.example' as Host,
    domain: 'cheap-watches.example' as RegistrableDomain,
    port: 443,
    app: {
      name: 'curl',
      path: '/usr/bin/curl',
      signer: null,
      user: 'ann',
      parents: ['bash', 'tmux'],
      firstSeen: (NOW - 86_400_000 * 40) as UnixMs,
    },
    scores: [{ kind: 'score', signal: 'entropy', value: 2.1, text: 'entropy 2.1 of 5' }],
    pastBlock: false,
    listed: null,
    now: NOW,
    ...over,
  };
}

export const call = (
  tool: string,
  args: Record<string, unknown> = {},
  callId: string | null = null,
): RequestedCall => ({ callId, tool, args });
export const WHOIS = call('WHOIS', { domain: 'cheap-watches.example' });
export const FETCH = call('FETCH', { host: 'cheap-watches.example' });

export const reply = (said: ModelReply, tokens = 100): ModelAnswer => ({
  kind: 'reply',
  reply: said,
  dialect: 'native',
  tokens: { prompt: tokens, completion: 10 },
  ms: 5,
});
export const calls = (...list: RequestedCall[]): ModelAnswer =>
  reply({ kind: 'calls', calls: list, said: '' });
export const verdict = (kind: JudgeKind, ...evidence: string[]): ModelAnswer =>
  reply({ kind: 'verdict', verdict: kind, reasons: ['because'], evidence, said: '' });
export const unreadable = (): ModelAnswer =>
  reply({ kind: 'unreadable', why: 'It holds no JSON.', said: 'hm' });
export const failed = (why: Extract<ModelAnswer, { kind: 'failed' }>['why']): ModelAnswer => ({
  kind: 'failed',
  why,
  detail: `the server ${why}`,
  tokens: { prompt: 7, completion: 0 },
  ms: 3,
});

/** A fact that speaks for the name. */
export const OLD: Fact = { leans: 'for', text: 'Registered 2019-03-02 (2678 days ago)' };

/** A result; what a registry tells speaks for the name, if nothing else is said. */
export const found = (
  source: EvidenceSource,
  text = 'registered 2019-03-02',
  instructions: string | null = null,
  facts: readonly Fact[] = source === 'registry' ? [OLD] : [],
): CallResult => ({ source, text, facts, instructions, ms: 2 });
export const lost = (text = 'no answer'): CallResult => ({
  source: null,
  text,
  facts: [],
  instructions: null,
  ms: 2,
});

/** What happens in an inquiry, as tests write it: an answer of the model, or what the tools returned. */
export type Happening = ModelAnswer | readonly CallResult[] | 'deadline' | 'stopped' | 'late';

/** An inquiry made with these happenings, one after the other; `late` makes the results after it come late. */
export function play(
  happenings: readonly Happening[],
  over: { input?: JudgeInput; limits?: JudgeLimits } = {},
): JudgeState {
  let state = begin(over.input ?? input(), over.limits ?? LIMITS, SPECS, NONCE);
  let isLate = false;
  for (const happening of happenings) {
    if (happening === 'late') isLate = true;
    else if (typeof happening === 'string') {
      state = step(state, { kind: happening, tokens: { prompt: 1, completion: 1 } });
    } else if ('kind' in happening) state = step(state, { kind: 'answer', answer: happening });
    else state = step(state, { kind: 'results', results: happening, isLate });
  }
  return state;
}

/** What is to be done, of the kind that a test expects. */
export function commandOf<K extends JudgeCommand['kind']>(
  { command }: JudgeState,
  kind: K,
): Extract<JudgeCommand, { kind: K }> {
  if (command.kind !== kind) throw new Error(`expected ${kind}, got ${command.kind}`);
  return command as Extract<JudgeCommand, { kind: K }>;
}

/** What the model is asked. */
export function requestOf(state: JudgeState): ModelRequest {
  return commandOf(state, 'ask_model').request;
}

/** How an inquiry ended: its verdict, why, and the kinds of its marks. */
export function ended(state: JudgeState): readonly string[] {
  const { outcome } = commandOf(state, 'finish');
  return [outcome.kind, outcome.why, ...state.marks.map(({ kind }) => kind)];
}

/** All that the model is told last, as one text. */
export function lastWords(state: JudgeState): string {
  return state.messages.at(-1)?.text ?? '';
}
