import type { Origin, Verdict } from '../model/flow.ts';
import type { Rule } from '../model/rule.ts';
import type { Question } from './decide.ts';
import type { Pattern } from './host-pattern.ts';
import { patternIndex, visitPatterns } from './pattern-index.ts';
import { type CheckedRule, checkRule, describeRule } from './rule-text.ts';

/**
 * Rules, ready to be asked. The most specific rule that covers a connection wins, compared in this order:
 * 1. host: the pattern that covers fewer hosts (see `visitPatterns`; a name goes before an address);
 * 2. app: the program itself before its parent, a nearer parent before a farther one, a path before a file name;
 * 3. user, 4. port, 5. until: a rule that names one before a rule that does not.
 * On a tie block wins, then the newer rule. Rules whose `until` is not after `q.now` do not exist.
 */
export interface RuleSet {
  /** The rule that wins, or null. */
  match(q: Question): Rule | null;
  /** Every rule that covers the connection, the winner first, up to `limit`. For explanations. */
  matchAll(q: Question, limit: number): readonly Rule[];
  /** What `decide` answers when `rule`, which must be one of the set, wins. Made once a rule. */
  verdictOf(rule: Rule): Verdict;
  /** What was read from each rule, for the next set. */
  readonly checked: WeakMap<Rule, CheckedRule>;
  /** Rules that could not be read and are not in force; the loader must show them. */
  readonly refused: readonly { readonly rule: Rule; readonly error: string }[];
}

interface Entry {
  readonly rule: Rule;
  /** The user of the rule when it is written as a uid, else null. */
  readonly uid: number | null;
}

type AppRules = Map<string, Entry[]>;

/** The rules of one host pattern; every list holds the more specific rule first. */
interface Bucket {
  readonly anyApp: Entry[];
  /** By path or file name; null until a rule names an app. */
  byApp: AppRules | null;
}

/** Buckets by canonical text of their pattern. */
type Buckets = Map<string, { readonly pattern: Pattern; readonly value: Bucket }>;

/** Takes what `search` finds: null to stop at the first, else a list of up to `limit`. */
type Found = { readonly rules: Rule[]; readonly limit: number } | null;

/**
 * Prepares rules for matching: some microseconds a rule, under one for a rule object that was in `previous`. With that,
 * adding a rule to thousands does not hold up the connections of the moment.
 */
export function compileRules(rules: readonly Rule[], previous: RuleSet | null = null): RuleSet {
  const known = previous?.checked ?? new WeakMap<Rule, CheckedRule>();
  const buckets: Buckets = new Map();
  const refused: { rule: Rule; error: string }[] = [];
  for (const rule of rules) {
    const checked = known.get(rule) ?? remember(known, rule, checkRule(rule));
    if (checked.ok) addTo(buckets, checked, rule);
    else refused.push({ rule, error: checked.error });
  }
  for (const { value } of buckets.values()) {
    if (value.anyApp.length > 1) value.anyApp.sort(bySpecificity);
    for (const entries of value.byApp?.values() ?? []) if (entries.length > 1) entries.sort(bySpecificity);
  }
  const index = patternIndex(buckets.values());
  const verdicts = new WeakMap<Rule, Verdict>();
  return {
    refused,
    checked: known,
    match: (q) => visitPatterns(index, q, null, search),
    matchAll(q, limit) {
      const found = { rules: [], limit };
      visitPatterns(index, q, found, search);
      return found.rules;
    },
    verdictOf: (rule) => verdicts.get(rule) ?? remember(verdicts, rule, ruleVerdict(rule)),
  };
}

function remember<T>(known: WeakMap<Rule, T>, rule: Rule, what: T): T {
  known.set(rule, what);
  return what;
}

function addTo(buckets: Buckets, { pattern, host }: CheckedRule & { readonly ok: true }, rule: Rule): void {
  let bucket = buckets.get(host)?.value;
  if (bucket === undefined) {
    bucket = { anyApp: [], byApp: null };
    buckets.set(host, { pattern, value: bucket });
  }
  const uid = rule.user !== null && /^(0|[1-9]\d{0,9})$/.test(rule.user) ? Number(rule.user) : null;
  if (rule.app === null) {
    bucket.anyApp.push({ rule, uid });
    return;
  }
  bucket.byApp ??= new Map();
  const entries = bucket.byApp.get(rule.app);
  if (entries === undefined) bucket.byApp.set(rule.app, [{ rule, uid }]);
  else entries.push({ rule, uid });
}

/** Orders rules of equal host and app; createdAt and id only make the answer the same every time. */
function bySpecificity(a: Entry, b: Entry): number {
  return (
    Number(b.rule.user !== null) - Number(a.rule.user !== null) ||
    Number(b.rule.port !== null) - Number(a.rule.port !== null) ||
    Number(b.rule.until !== null) - Number(a.rule.until !== null) ||
    Number(b.rule.action === 'block') - Number(a.rule.action === 'block') ||
    b.rule.createdAt - a.rule.createdAt ||
    (a.rule.id < b.rule.id ? -1 : 1)
  );
}

function search(bucket: Bucket, q: Question, found: Found): Rule | null {
  return (
    (bucket.byApp !== null ? searchApps(bucket.byApp, q, found) : null) ??
    searchList(bucket.anyApp, q, found, false)
  );
}

function searchApps(byApp: AppRules, q: Question, found: Found): Rule | null {
  const { path, name, parents }: Origin = q.origin;
  let rule = searchApp(byApp, path, name, q, found);
  for (let i = 0; i < parents.length && rule === null; i++) {
    const parent = parents[i];
    if (parent !== undefined) rule = searchApp(byApp, parent.path, parent.name, q, found);
  }
  return rule;
}

/**
 * Rules for one program of the chain. A program whose path the kernel would not tell is known only by the name it may have
 * given itself: enough to block it, not to allow it.
 */
function searchApp(
  byApp: AppRules,
  path: string | null,
  name: string | null,
  q: Question,
  found: Found,
): Rule | null {
  if (path === null) return name === null ? null : searchList(byApp.get(name), q, found, true);
  return (
    searchList(byApp.get(path), q, found, false) ??
    searchList(byApp.get(fileName(path, name)), q, found, false)
  );
}

/** The last part of a path; `name` usually is it, and then no string is made. */
function fileName(path: string, name: string | null): string {
  const at = path.lastIndexOf('/') + 1;
  return name !== null && path.length - at === name.length && path.endsWith(name) ? name : path.slice(at);
}

function searchList(
  entries: readonly Entry[] | undefined,
  q: Question,
  found: Found,
  onlyBlock: boolean,
): Rule | null {
  if (entries === undefined) return null;
  for (const entry of entries) {
    const { rule } = entry;
    if ((onlyBlock && rule.action !== 'block') || !covers(entry, q)) continue;
    if (found === null) return rule;
    if (found.rules.includes(rule)) continue;
    found.rules.push(rule);
    if (found.rules.length >= found.limit) return rule;
  }
  return null;
}

function covers({ rule, uid }: Entry, q: Question): boolean {
  if (rule.port !== null && rule.port !== q.port) return false;
  if (rule.until !== null && rule.until <= q.now) return false;
  return rule.user === null || rule.user === q.origin.user || (uid !== null && uid === q.origin.uid);
}

function ruleVerdict(rule: Rule): Verdict {
  return {
    kind: rule.action,
    stage: 'rules',
    reason: 'rule',
    evidence: [{ kind: 'rule', rule: rule.id, text: describeRule(rule) }],
  };
}
