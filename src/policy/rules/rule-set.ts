import type { RuleId, UnixMs } from '../../model/brand.ts';
import type { Verdict } from '../../model/flow.ts';
import type { IpRange } from '../../model/ip.ts';
import type { Rule } from '../../model/rule.ts';
import type { Subject } from '../../model/subject.ts';
import { emptyIndex, type PatternIndex, setValue, valueAt, visitPatterns } from './pattern-index.ts';
import { type Bucket, bySpecificity, type Entry, searchBucket } from './search.ts';
import { type CheckedRule, describeRule } from './text.ts';

/**
 * Rules, ready to be asked. The most specific rule that covers a connection wins, compared in this order:
 * 1. host: the pattern that covers fewer hosts (see `visitPatterns`; a name goes before an address);
 * 2. app: the program itself before its parent, a nearer parent before a farther one, a path before a file name;
 * 3. user, 4. port, 5. until: a rule that names one before a rule that does not.
 * On a tie block wins, then the newer rule. Rules whose `until` is not after `subject.now` do not exist.
 *
 * A program or user that was looked for and not found counts as any for rules that block, and as none for rules that allow:
 * a connection is blocked where it would be for some program and user, and what is allowed to one never serves it.
 */
export interface RuleSet {
  /** The rule that wins, or null. */
  match(subject: Subject): Rule | null;
  /** Every rule that covers the connection, the winner first, up to `limit`. For explanations. */
  matchAll(subject: Subject, limit: number): readonly Rule[];
  /** What `decide` answers when `rule`, which must be one of the set, wins. Made once a rule. */
  verdictOf(rule: Rule): Verdict;
  /** The ranges of addresses that rules block by `now`, whatever program, user or port they name. */
  blockedRanges(now: UnixMs): readonly IpRange[];
  /**
   * Puts rules into force and takes others, told by their id, out of it; `removed` goes first. Costs some microseconds a
   * rule that changes, whatever the size of the set, so that one more among thousands delays no connection.
   */
  change(added: readonly CheckedRule[], removed: readonly CheckedRule[]): void;
}

/** Prepares rules for matching; for thousands of new rules at once see what `test/bench/decide.ts` measures. */
export function compileRules(rules: readonly CheckedRule[]): RuleSet {
  const index = emptyIndex<Bucket>();
  const verdicts = new WeakMap<Rule, Verdict>();
  const ranges = new Map<RuleId, { readonly rule: Rule; readonly range: IpRange }>();
  const set: RuleSet = {
    match: (subject) => visitPatterns(index, subject, null, searchBucket),
    matchAll(subject, limit) {
      const found = { rules: [], limit };
      visitPatterns(index, subject, found, searchBucket);
      return found.rules;
    },
    verdictOf(rule) {
      const known = verdicts.get(rule);
      if (known !== undefined) return known;
      const verdict = ruleVerdict(rule);
      verdicts.set(rule, verdict);
      return verdict;
    },
    blockedRanges(now) {
      const blocked = [...ranges.values()].filter(({ rule: { until } }) => until === null || until > now);
      return blocked.map(({ range }) => range);
    },
    change(added, removed) {
      for (const { rule } of removed) ranges.delete(rule.id);
      for (const { rule, pattern } of added)
        if (rule.action === 'block' && pattern.kind === 'range')
          ranges.set(rule.id, { rule, range: pattern.range });
      for (const rule of removed) take(index, rule);
      for (const list of new Set(added.flatMap((rule) => put(index, rule)))) list.sort(bySpecificity);
    },
  };
  set.change(rules, []);
  return set;
}

/** Adds a rule and returns the lists it now stands in, which are to be sorted. */
function put(index: PatternIndex<Bucket>, { rule, pattern }: CheckedRule): Entry[][] {
  let bucket = valueAt(index, pattern);
  if (bucket === null) {
    bucket = { byApp: new Map(), appBlocks: [], anyApp: [] };
    setValue(index, pattern, bucket);
  }
  if (rule.app !== null && !bucket.byApp.has(rule.app)) bucket.byApp.set(rule.app, []);
  const uid = rule.user !== null && /^(0|[1-9]\d{0,9})$/.test(rule.user) ? Number(rule.user) : null;
  const lists = listsOf(bucket, rule);
  const entry = { rule, uid };
  for (const list of lists) list.push(entry);
  return lists;
}

/** The lists of a bucket that a rule stands in. */
function listsOf({ byApp, appBlocks, anyApp }: Bucket, { app, action }: Rule): Entry[][] {
  if (app === null) return [anyApp];
  const ofApp = byApp.get(app) ?? [];
  return action === 'block' ? [ofApp, appBlocks] : [ofApp];
}

function take(index: PatternIndex<Bucket>, { rule, pattern }: CheckedRule): void {
  const bucket = valueAt(index, pattern);
  if (bucket === null) return;
  for (const list of listsOf(bucket, rule)) {
    const at = list.findIndex((entry) => entry.rule.id === rule.id);
    if (at !== -1) list.splice(at, 1);
  }
  if (rule.app !== null && bucket.byApp.get(rule.app)?.length === 0) bucket.byApp.delete(rule.app);
  if (bucket.anyApp.length === 0 && bucket.byApp.size === 0) setValue(index, pattern, null);
}

function ruleVerdict(rule: Rule): Verdict {
  return {
    kind: rule.action,
    stage: 'rules',
    reason: 'rule',
    evidence: [{ kind: 'rule', rule: rule.id, text: describeRule(rule) }],
  };
}
