import { quoteText } from '../../../model/clean.ts';
import type { DomainHistory, Seen } from '../../../model/history.ts';
import { dayText } from '../../core/day-text.ts';
import type { ToolContext } from '../tool.ts';

/** Longest name of a program or domain, and longest path. */
const NAME_MAX_CHARS = 60;
const PATH_MAX_CHARS = 120;

const name = (text: string): string => quoteText(text, NAME_MAX_CHARS);

/** A history in plain lines for a model. Names of programs are chosen by who wrote them: they stand in quotes. */
export function historyLines(
  domain: string,
  app: ToolContext['app'],
  { looked, domain: seen, app: program }: DomainHistory,
  days: number,
  nowMs: number,
): string[] {
  const since = looked.since === null ? '' : `, back to ${dayText(looked.since, nowMs)}`;
  const extent = looked.isWhole
    ? `all ${looked.flows} connections that this machine remembers${since}`
    : `the newest ${looked.flows} connections of this machine${since}; older ones were not`;
  const lines = [`Looked through: ${extent}`, `Domain ${domain} and below: ${seenText(seen, nowMs)}`];
  if (seen.flows > 0) {
    const programs = seen.programs.map(({ flows, ...its }) => `${programText(its)}: ${flows}`);
    lines.push(
      outcomeText('domain', seen),
      `Programs that contacted the domain${listText(programs, seen.programCount)}`,
    );
  }
  if (app.name === null && app.path === null) return [...lines, 'Program: not known'];
  lines.push(`Program ${programText(app)}: ${seenText(program, nowMs)}`);
  if (program.flows > 0) {
    const others = program.others.map((other) => `${name(other.domain)}: ${other.flows}`);
    lines.push(
      outcomeText('program', program),
      `Other domains of the program in the last ${days} days${listText(others, program.otherCount)}`,
      `Its connections to addresses without a name in that time: ${program.bare}`,
    );
  }
  return lines;
}

function seenText({ flows, first, last }: Seen, nowMs: number): string {
  if (first === null || last === null) return 'never seen';
  return `${flows} connections, first ${dayText(first, nowMs)}, last ${dayText(last, nowMs)}`;
}

function outcomeText(of: string, { allowed, blocked, held, defaulted }: Seen): string {
  return (
    `What became of those of the ${of}: ${allowed} allowed, ${blocked} blocked, ${held} waiting for a decision; ` +
    `for ${defaulted} of them nobody decided, and the default was taken`
  );
}

function programText(program: ToolContext['app']): string {
  const path = program.path === null ? '' : ` (${quoteText(program.path, PATH_MAX_CHARS)})`;
  return `${program.name === null ? 'without a name' : name(program.name)}${path}`;
}

/** Items, with how many there are when not all are told. */
function listText(items: readonly string[], count: number): string {
  const most = count > items.length ? ` (${count}; those with most connections)` : '';
  return `${most}: ${items.join(', ') || 'none'}`;
}
