import { cleanText } from '../model/clean.ts';
import type { Evidence, Verdict } from '../model/flow.ts';
import type { Subject } from '../model/subject.ts';
import type { ListHit } from './lists/host-lists.ts';
import type { Policy } from './policy.ts';
import { type Guessed, guessedOf } from './rules/search.ts';
import { describeRule } from './rules/text.ts';

/** How many rules an explanation shows, the winner included. */
const RULES_SHOWN = 10;

/** Step 1: a scope or jail blocks what it does not name. */
export function outOfScope(subject: Subject, p: Policy): Verdict | null {
  if (p.scope === null || p.scope.match(subject) !== null) return null;
  const text = cleanText(
    `${p.scope.name} has no entry for ${subject.host ?? subject.ip ?? 'this'}, port ${subject.port}`,
  );
  return { kind: 'block', stage: 'scope', reason: 'not_in_scope', evidence: [{ kind: 'note', text }] };
}

/** Before anyone is asked: what a scope names and nothing stopped is allowed; naming it was the answer. */
export function inScope(subject: Subject, p: Policy): Verdict | null {
  const entry = p.scope?.match(subject) ?? null;
  if (p.scope === null || entry === null) return null;
  const port = entry.port === null ? '' : `:${entry.port}`;
  const text = cleanText(`${p.scope.name} allows ${entry.host}${port}`);
  return { kind: 'allow', stage: 'scope', reason: 'in_scope', evidence: [{ kind: 'note', text }] };
}

/** Step 2: the most specific rule. Where it rests on a program or user that is not known, the verdict says so. */
export function byRule(subject: Subject, p: Policy): Verdict | null {
  const rule = p.rules.match(subject);
  if (rule === null) return null;
  const guessed = guessedOf(rule, subject.origin);
  if (guessed === null) return p.rules.verdictOf(rule);
  const text = cleanText(`${guessText(guessed)}: ${describeRule(rule)}`);
  const evidence: Evidence = { kind: 'rule', rule: rule.id, text };
  return { kind: rule.action, stage: 'rules', reason: 'unknown_origin', evidence: [evidence] };
}

function guessText({ program, user }: Guessed): string {
  if (program && user) return 'program and user are not known, so they count as any';
  return `the ${program ? 'program' : 'user'} is not known, so it counts as any`;
}

/** For explanations: the entry by which a scope let a connection on. */
export function scopeEntry(subject: Subject, p: Policy): readonly Evidence[] {
  return inScope(subject, p)?.evidence ?? [];
}

/** For explanations: the rules that cover the connection too and lost. */
export function outrankedRules(subject: Subject, p: Policy): readonly Evidence[] {
  const losers = p.rules.matchAll(subject, RULES_SHOWN).slice(1);
  return losers.map((rule) => ({
    kind: 'rule',
    rule: rule.id,
    text: cleanText(`outranked: ${describeRule(rule)}`),
  }));
}

/**
 * Step 3: a listed name, or for a bare address a listed address. The address of a named connection does not count: what
 * else lives there is not what was listed.
 */
export function byAllowlist(subject: Subject, p: Policy): Verdict | null {
  if (subject.host !== null) return listed('allow', p.lists.allow(subject.host));
  return subject.ip === null ? null : listed('allow', p.lists.allowIp(subject.ip));
}

/** Step 4: a listed name, or the listed address it was dialled at. */
export function byBlocklist(subject: Subject, p: Policy): Verdict | null {
  const byName = subject.host === null ? null : p.lists.block(subject.host);
  return listed('block', byName ?? (subject.ip === null ? null : p.lists.blockIp(subject.ip)));
}

/**
 * Bytes that look like TLS or HTTP and cannot be read, or never end, may name anybody: they pass only where a rule, a list or a scope
 * allows the address by itself.
 */
export function byUnreadableName(subject: Subject, p: Policy): Verdict | null {
  const malformed = subject.sniff?.malformed ?? null;
  if (malformed === null || (p.scope?.match(subject) ?? null) !== null) return null;
  const text = cleanText(`${malformed}, so whom it names cannot be told`);
  return { kind: 'block', stage: 'name', reason: 'unreadable_name', evidence: [{ kind: 'note', text }] };
}

function listed(kind: 'allow' | 'block', hit: ListHit | null): Verdict | null {
  if (hit === null) return null;
  const place = hit.line === 0 ? '' : `, line ${hit.line}`;
  const what = hit.category === 'allow' ? 'allowlist' : `${hit.category} list`;
  const text = cleanText(`${hit.entry} is on the ${what} ${hit.list}${place}`);
  const stage = kind === 'allow' ? 'allowlist' : 'blocklist';
  return { kind, stage, reason: `${stage}ed`, evidence: [{ kind: 'list', ...hit, text }] };
}
