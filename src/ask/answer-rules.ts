import type { RegistrableDomain } from '../model/brand.ts';
import type { Origin } from '../model/flow.ts';
import type { AnswerScope } from '../schema/prompt.ts';
import type { RuleDraft } from '../schema/rule.ts';
import type { Action } from './once-answers.ts';

/** What a lasting answer is about. */
export interface Asked {
  readonly host: string | null;
  readonly ip: string;
  /** The registrable domain; null where there is none. */
  readonly domain: RegistrableDomain | null;
  /** The programs the person saw. */
  readonly programs: readonly Origin[];
}

/** The rules that say what a person answered; a sentence when they cannot be made. */
export function rulesFor(
  { host, ip, domain, programs }: Asked,
  action: Action,
  scope: Extract<AnswerScope, { kind: 'rule' }>,
  now: number,
): readonly RuleDraft[] | string {
  const name = host === null ? ip : `=${host}`;
  const rule = {
    action,
    host: scope.target === 'domain' ? (domain ?? name) : name,
    port: null,
    user: null,
    until: scope.forMs === null ? null : now + scope.forMs,
    note: null,
  };
  if (scope.app === 'all') return [{ ...rule, app: null }];
  const apps: string[] = [];
  for (const { path } of programs) {
    // A name alone is what any program may call itself.
    if (path === null) return UNKNOWN;
    if (!apps.includes(path)) apps.push(path);
  }
  return apps.length === 0 ? UNKNOWN : apps.map((app) => ({ ...rule, app }));
}

const UNKNOWN = 'the program that asks is not known, so no rule can name it; answer once, or for every app';
