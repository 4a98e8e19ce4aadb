import type { Evidence, FlowRecord, Origin, Reason, Verdict } from '../../src/model/flow.ts';
import { assertNever } from '../../src/model/never.ts';
import { interestingParent } from '../../src/model/parent.ts';
import { clean, type Tone } from '../draw/text.ts';
import { REASON_WORDS } from './reasons.ts';

/** What became of a connection, in the word that is true of it. */
export type VerdictWord = 'ALLOW' | 'BLOCK' | 'HELD' | 'DEFAULT' | 'WOULD-BLOCK' | 'REFUSED' | 'CLOSED';

/**
 * The word for a flow, from its effect first: what was forwarded is never called blocked. DEFAULT is what nothing decided,
 * REFUSED what a guard before or after decide cut, WOULD-BLOCK what permissive mode let pass, CLOSED what said nothing.
 */
export function verdictWord(flow: FlowRecord): VerdictWord {
  switch (flow.effect) {
    case 'held':
      return 'HELD';
    case 'forward':
      if (flow.verdict.kind === 'block') return 'WOULD-BLOCK';
      return flow.verdict.kind === 'ask' || flow.defaulted ? 'DEFAULT' : 'ALLOW';
    case 'reset':
    case 'forbidden':
      if (flow.verdict.stage === 'accept' || flow.verdict.stage === 'name') return 'REFUSED';
      // What passed by default and was cut by a rule later is a block.
      return flow.verdict.kind === 'ask' ? 'DEFAULT' : 'BLOCK';
    case 'closed':
      return 'CLOSED';
    default:
      return assertNever(flow.effect);
  }
}

/** The sign before the word: did bytes pass? `✓` yes, `✗` no, `?` not yet. */
export function effectSign(flow: FlowRecord): string {
  if (flow.effect === 'held') return '?';
  return flow.effect === 'forward' ? '✓' : '✗';
}

/** The tone of each word. */
export const WORD_TONES = {
  ALLOW: 'ok',
  BLOCK: 'bad',
  HELD: 'info',
  DEFAULT: 'warn',
  'WOULD-BLOCK': 'warn',
  REFUSED: 'bad',
  CLOSED: 'dim',
} as const satisfies Record<VerdictWord, Tone>;

/** Name or address that a connection went for, clean. */
export function targetLabel(flow: FlowRecord): string {
  return clean(flow.target.host ?? flow.target.ip, 300);
}

/** `curl ‹ bash`, or what is known of a program that could not be told; clean, not cut. */
export function programLabel(origin: Origin): string {
  const name = origin.name ?? (origin.pid === null ? 'unknown' : `pid ${origin.pid}`);
  const parent = interestingParent(origin);
  return parent === null ? clean(name) : `${clean(name)} ‹ ${clean(parent)}`;
}

/** The score that the verdict rests on, 0 to 100 as shown; null when no step scored the name. */
export function scoreOf(evidence: readonly Evidence[]): number | null {
  let first: number | null = null;
  for (const item of evidence) {
    if (item.kind !== 'score' || item.value === null) continue;
    if (item.signal === 'trust') return item.value;
    first ??= item.value;
  }
  return first;
}

/** Why, in few words, the most telling first: `ads · third-party-web`, `rule · example.com and below`, `nobody to ask`. */
export function whyOf(flow: FlowRecord): string {
  const notes = [flow.effect === 'held' ? askedText(flow.verdict) : verdictWhy(flow.verdict)];
  if (flow.nameMismatch) notes.push('name not true');
  if (flow.state === 'connect_failed') notes.push(flow.detail === null ? 'not reached' : clean(flow.detail));
  return notes.join(' · ');
}

/** Who is asked about a connection that is held. */
export function askedText({ stage }: Pick<Verdict, 'stage'>): string {
  return stage === 'judge' ? 'asks the judge' : 'asks you';
}

// Reasons whose words say all; the evidence of the others says which, what or how much.
const SAYS_ALL: ReadonlySet<Reason> = new Set<Reason>([
  'open_question',
  'nobody_to_ask',
  'time_over',
  'not_redirected',
  'own_traffic',
  'redirect_loop',
  'too_many_connections',
  'said_nothing',
  'name_unresolved',
  'name_private',
  'upstream_blocked',
  'lockdown',
]);

function verdictWhy({ reason, evidence, stage }: Verdict): string {
  // Permissive mode asks the judge, and holds nothing.
  if (reason === 'nobody_to_ask' && stage === 'judge') return 'judge not waited for';
  const decisive = SAYS_ALL.has(reason) ? undefined : evidence[0];
  if (decisive === undefined) return REASON_WORDS[reason];
  // Its words say who answered, and for how long.
  if (reason === 'answered') return clean(decisive.text);
  switch (decisive.kind) {
    case 'list':
      return `${decisive.category === 'allow' ? 'allowlist' : decisive.category} · ${clean(decisive.list)}`;
    case 'rule':
      return `${REASON_WORDS[reason]} · ${clean(ruleGist(decisive.text))}`;
    case 'judge':
      return `${REASON_WORDS[reason]} · ${clean(decisive.text.replace(SAID_BY, ''))}`;
    case 'score':
    case 'address':
    case 'note':
      return `${REASON_WORDS[reason]} · ${clean(decisive.text)}`;
    default:
      return assertNever(decisive);
  }
}

/** Whose word it is and which: the verdict stands beside it, the model in the breakdown. */
const SAID_BY = /^.{1,200}?: (?:allow|block|unsure): /;

/** What a rule is about, without the verb that stands in the verdict column already. */
function ruleGist(text: string): string {
  const parts = /(?:^|: )(?:allow|block) (.+?) (?:to reach|from reaching) (.+)$/.exec(text);
  if (parts === null) return text;
  const [, who = '', where = ''] = parts;
  return who === 'any program' ? where : `${who}: ${where}`;
}

/** The verdict in a sentence, for the head of the breakdown. */
export function describeVerdict(flow: FlowRecord): string {
  const effect = flow.effect === 'forward' ? 'passed' : 'was refused';
  const sentences: Record<VerdictWord, string> = {
    ALLOW: 'allowed',
    BLOCK: 'blocked',
    REFUSED: 'refused by a guard, whatever rules and lists say',
    'WOULD-BLOCK': 'forwarded in permissive mode; enforced, it would be blocked',
    DEFAULT: `nothing decided it, so it ${effect} by default`,
    HELD: 'held until it is answered or its time is over',
    CLOSED: 'closed without a connection to the server',
  };
  return `${sentences[verdictWord(flow)]}: ${whyOf(flow)}`;
}
