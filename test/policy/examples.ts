import { unknownOrigin } from '../../src/attribute/attributor.ts';
import type { Host, Ip, Pid, RuleId, Uid, UnixMs } from '../../src/model/brand.ts';
import type { Ancestor, Origin, Sniff } from '../../src/model/flow.ts';
import type { Rule } from '../../src/model/rule.ts';
import type { Subject } from '../../src/model/subject.ts';
import type { HostLists, ListHit } from '../../src/policy/lists/host-lists.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { compileRules, type RuleSet } from '../../src/policy/rules/rule-set.ts';
import { type CheckedRule, checkRule } from '../../src/policy/rules/text.ts';

export const NOW = 1_800_000_000_000 as UnixMs;
export const IP = '203.0.113.5' as Ip;

/** A program by its path, then its parents from the nearest on. */
export function program(path: string, ...parents: string[]): Origin {
  const ancestor = (at: string, i: number): Ancestor => ({
    pid: (100 - i) as Pid,
    path: at,
    name: at.slice(at.lastIndexOf('/') + 1),
  });
  const { pid, name } = ancestor(path, 0);
  const known = { pid, path, name, uid: 1000 as Uid, user: 'ann', unknown: null };
  return { ...unknownOrigin('no_process'), ...known, parents: parents.map((at, i) => ancestor(at, i + 1)) };
}

export const CURL = program('/usr/bin/curl', '/usr/bin/bash', '/usr/sbin/sshd');

export const TLS: Sniff = {
  protocol: 'tls',
  sni: 'www.example.com',
  httpHost: null,
  alpn: ['h2'],
  ech: false,
  ja4: null,
  malformed: null,
};

/** curl, run by bash, asks for www.example.com:443 at 203.0.113.5. */
export function question(change: { host?: string | null } & Partial<Omit<Subject, 'host'>> = {}): Subject {
  const host = 'www.example.com' as Host;
  return { origin: CURL, host, ip: IP, port: 443, sniff: TLS, now: NOW, ...change } as Subject;
}

let made = 0;

/** A rule that allows any program to reach any place, with the given changes. Each has its own id. */
export function rule(change: { until?: number | null } & Partial<Omit<Rule, 'until'>> = {}): Rule {
  const id = (made++).toString(16).padStart(8, '0') as RuleId;
  const any = { host: '*', port: null, app: null, user: null, until: null };
  return { id, action: 'allow', ...any, createdAt: NOW, origin: 'command', note: null, ...change } as Rule;
}

/** A rule with its host pattern read; throws for one that cannot be. */
export function checked(rule: Rule): CheckedRule {
  const read = checkRule(rule);
  if (!read.ok) throw new Error(`${read.key} ${read.error}`);
  return read.checked;
}

/** A set of rules. */
export const compile = (rules: readonly Rule[]): RuleSet => compileRules(rules.map(checked));

/** Lists of exact names and addresses: what a real one answers, without the suffixes. */
export function lists(content: { allow?: string[]; block?: string[] } = {}): HostLists {
  const find = (entries: string[] | undefined, category: ListHit['category']) => (entry: string) =>
    entries?.includes(entry) ? { list: 'mine', category, entry, line: 7 } : null;
  const [allow, block] = [find(content.allow, 'allow'), find(content.block, 'ads')];
  return { allow, block, allowIp: allow, blockIp: block };
}

/** A policy with the given rules and lists and nothing else configured. */
export function policy(
  rules: Rule[] = [],
  content: Parameters<typeof lists>[0] = {},
  rest: Partial<Policy> = {},
): Policy {
  return { scope: null, rules: compile(rules), lists: lists(content), ...rest };
}
