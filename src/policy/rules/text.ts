import { cleanText } from '../../model/clean.ts';
import type { HostPattern, Rule } from '../../model/rule.ts';
import { type Pattern, parsePattern, patternText } from './host-pattern.ts';

/** What makes a rule apply, and what it then does. */
type RuleTerms = Pick<Rule, 'action' | 'host' | 'port' | 'app' | 'user' | 'until'>;

/** A rule, or the terms of one, whose host pattern has been read: `rule.host` is the canonical text of `pattern`. */
export interface Checked<R> {
  readonly rule: R;
  readonly pattern: Pattern;
}
export type CheckedRule = Checked<Rule>;

export type RuleCheck<R> =
  | { readonly ok: true; readonly checked: Checked<R> }
  /** `key` is the part that is wrong; the error is to be read behind it. */
  | { readonly ok: false; readonly key: 'host' | 'app'; readonly error: string };

const SHOWN_CHARS = 60;

/** Reads the parts of a rule that no schema can check, the host pattern and the app: once, for all that comes after. */
export function checkRule<R extends Pick<Rule, 'host' | 'app'>>(rule: R): RuleCheck<R> {
  const read = parsePattern(rule.host);
  if (!read.ok) return { ok: false, key: 'host', error: read.error };
  const wrong = rule.app === null ? null : appError(rule.app);
  if (wrong !== null)
    return { ok: false, key: 'app', error: `"${cleanText(rule.app ?? '', SHOWN_CHARS)}": ${wrong}` };
  const host = patternText(read.pattern);
  return {
    ok: true,
    checked: { rule: host === rule.host ? rule : { ...rule, host }, pattern: read.pattern },
  };
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
