import { quoteText } from '../../../model/clean.ts';
import type { DomainHistory, Seen } from '../../../model/history.ts';
import { dayText } from '../../core/day-text.ts';
import type { ToolContext } from '../tool.ts';

/** Longest name of a program, user or domain, and longest path. */
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
  return [
    `Looked through: ${extent}`,
    `Domain ${domain} and below: ${seenText(seen, nowMs)}`,
    ...outcomeLines('domain', seen),
    ...listed(
      'Programs that contacted the domain',
      seen.programCount,
      seen.programs.map(({ flows, ...its }) => `${programText(its)}: ${flows}`),
    ),
    ...(app.name === null && app.path === null
      ? ['Program: not known']
      : [
          `Program ${programText(app)}: ${seenText(program, nowMs)}`,
          ...outcomeLines('program', program),
          ...otherLines(program, days),
        ]),
  ];
}

function seenText({ flows, first, last }: Seen, nowMs: number): string {
  if (first === null || last === null) return 'never seen';
  return `${flows} connections, first ${dayText(first, nowMs)}, last ${dayText(last, nowMs)}`;
}

function outcomeLines(of: string, { flows, allowed, blocked, held, defaulted, users }: Seen): string[] {
  if (flows === 0) return [];
  return [
    `What became of those of the ${of}: ${allowed} allowed, ${blocked} blocked, ${held} waiting for a decision; ` +
      `for ${defaulted} of them nobody decided, and the default was taken`,
    ...listed(`Users of the ${of}`, users.length, users.map(name)),
  ];
}

function otherLines({ flows, others, otherCount, bare }: DomainHistory['app'], days: number): string[] {
  if (flows === 0) return [];
  const what = `Other domains of the program in the last ${days} days`;
  return [
    ...(otherCount === 0
      ? [`${what}: none`]
      : listed(
          what,
          otherCount,
          others.map((other) => `${name(other.domain)}: ${other.flows}`),
        )),
    `Its connections to addresses without a name in that time: ${bare}`,
  ];
}

function programText(program: ToolContext['app']): string {
  const path = program.path === null ? '' : ` (${quoteText(program.path, PATH_MAX_CHARS)})`;
  return `${program.name === null ? 'without a name' : name(program.name)}${path}`;
}

/** A line of items, with how many there are when not all are told. */
function listed(what: string, count: number, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const most = count > items.length ? ` (${count}; those with most connections)` : '';
  return [`${what}${most}: ${items.join(', ')}`];
}
