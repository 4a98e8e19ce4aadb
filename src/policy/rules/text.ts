import { cleanText } from '../../model/clean.ts';
import type { HostPattern, Rule } from '../../model/rule.ts';
import { type Pattern, parsePattern, patternText } from './host-pattern.ts';

/** What makes a rule apply, and what it then does. */
type RuleTerms = Pick<Rule, 'action' | 'host' | 'port' | 'app' | 'user' | 'until'>;

/** A rule that can be kept: `host` is the canonical text of `pattern`, which is what to store. */
export type CheckedRule =
  | { readonly ok: true; readonly pattern: Pattern; readonly host: HostPattern }
  | { readonly ok: false; readonly error: string };

const SHOWN_CHARS = 60;

/** Reads the parts of a rule that no schema can check, the host pattern and the app. */
export function checkRule(rule: Pick<Rule, 'host' | 'app'>): CheckedRule {
  const read = parsePattern(rule.host);
  if (!read.ok) return { ok: false, error: `host ${read.error}` };
  const wrong = rule.app === null ? null : appError(rule.app);
  if (wrong !== null)
    return { ok: false, error: `app "${cleanText(rule.app ?? '', SHOWN_CHARS)}": ${wrong}` };
  return { ok: true, pattern: read.pattern, host: patternText(read.pattern) };
}

function appError(app: string): string | null {
  if (app.includes('\0')) return 'a path has no zero character';
  if (!app.includes('/')) {
    return app === '' || app === '.' || app === '..' ? 'expected an absolute path or a file name' : null;
  }
  if (!app.startsWith('/')) return 'write an absolute path, or a file name without /';
  if (/\/(\.{0,2})(\/|$)/.test(app)) return 'write the path of a file, without //, /./ or /../';
  return null;
}

/** True when two rules apply to the same connections, whatever they then do. */
export function sameTerms(a: RuleTerms, b: RuleTerms): boolean {
  return (
    a.port === b.port &&
    a.app === b.app &&
    a.user === b.user &&
    a.until === b.until &&
    (a.host === b.host || canonical(a.host) === canonical(b.host))
  );
}

/** True when two rules say the same: one of them is enough. */
export function sameRule(a: RuleTerms, b: RuleTerms): boolean {
  return a.action === b.action && sameTerms(a, b);
}

function canonical(host: HostPattern): string {
  const read = parsePattern(host);
  return read.ok ? patternText(read.pattern) : host;
}

/** One sentence that says what a rule does: `block curl from reaching example.com and below, port 443`. Cleaned. */
export function describeRule(rule: RuleTerms): string {
  const who = rule.app === null ? 'any program' : tail(rule.app);
  const verb = rule.action === 'allow' ? 'to reach' : 'from reaching';
  const port = rule.port === null ? '' : `, port ${rule.port}`;
  const user = rule.user === null ? '' : `, for user ${rule.user}`;
  const until = rule.until === null ? '' : `, until ${moment(rule.until)}`;
  return cleanText(`${rule.action} ${who} ${verb} ${where(rule.host)}${port}${user}${until}`);
}

/** A path may take four thousand characters; its end tells most. */
function tail(app: string): string {
  return app.length > SHOWN_CHARS ? `…${app.slice(1 - SHOWN_CHARS)}` : app;
}

function where(host: HostPattern): string {
  const read = parsePattern(host);
  if (!read.ok) return host;
  const { pattern } = read;
  if (pattern.kind === 'any') return 'anywhere';
  if (pattern.kind === 'range') return patternText(pattern);
  return {
    exact: `${pattern.host} only`,
    below: `all below ${pattern.host}`,
    under: `${pattern.host} and below`,
  }[pattern.kind];
}

// Past this a Date has no text (ECMA-262, time values).
const DATE_MAX_MS = 8.64e15;

function moment(at: number): string {
  return at <= DATE_MAX_MS
    ? `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    : 'the end of time';
}
