import {
  accept,
  acceptOne,
  atEnd,
  type Cursor,
  cursorOver,
  expect,
  fail,
  found,
  listOf,
  peek,
  quote,
  take,
} from './cursor.ts';
import { familyOf, hosts, interfaceName, noFacts, TABLE_NAME_MAX_CHARS } from './hosts.ts';
import { filterRule, translationRule } from './rule.ts';
import { type Problem, type Token, type TokenLine, tokenizeAnchor, tokenizeLine } from './tokens.ts';

/** pf.conf(5): groups of statements stand in this order; tables and macros may stand anywhere. */
const SECTIONS = ['options', 'normalization', 'queueing', 'translation', 'dummynet', 'filtering'] as const;
type Section = (typeof SECTIONS)[number];

const OPTIONS = [
  'limit',
  'timeout',
  'skip',
  'state-policy',
  'optimization',
  'block-policy',
  'loginterface',
  'debug',
  'fingerprints',
  'ruleset-optimization',
  'hostid',
  'require-order',
  'reassemble',
] as const;
const MACRO_MAX = 64;
const EXPANDED_MAX_TOKENS = 8_192;

interface Seen {
  section: Section;
  readonly tables: Set<string>;
  readonly macros: Map<string, readonly Token[]>;
}

/**
 * Finds what pfctl would refuse in anchor text, and what loads but cannot work, without pfctl. Knows the part of
 * pf.conf(5) that we render and the usual mistakes; rare statements it does not know are reported as unknown.
 * An empty list means that nothing was found. At most one problem a line; never throws.
 */
export function checkAnchorGrammar(text: string): Problem[] {
  const { lines, problems } = tokenizeAnchor(text);
  const all = [...problems];
  const seen: Seen = { section: 'options', tables: new Set(), macros: new Map() };
  for (const line of lines) {
    const problem = checkLine(line, seen);
    if (problem !== null) all.push({ line: line.line, text: problem });
  }
  // The first problem of a line: what follows is often only its consequence.
  return [...Map.groupBy(all, (problem) => problem.line).values()]
    .flatMap((ofLine) => ofLine.slice(0, 1))
    .sort((a, b) => a.line - b.line);
}

function checkLine(line: TokenLine, seen: Seen): string | null {
  const [name, equals, ...value] = line.tokens;
  const isMacro = name?.kind === 'word' && equals?.kind === 'mark' && equals.text === '=';
  if (isMacro) return defineMacro(name.text, value, seen.macros);
  const tokens = expandMacros(line.tokens, seen.macros);
  if (typeof tokens === 'string') return tokens;
  const cursor = cursorOver(tokens);
  statement(cursor, seen);
  if (!atEnd(cursor)) fail(cursor, `unknown keyword ${found(cursor)}`);
  return cursor.problem;
}

function defineMacro(macro: string, value: readonly Token[], macros: Seen['macros']): string | null {
  if (value.length === 0) return 'a macro without a value';
  if (macros.size >= MACRO_MAX) return `more than ${MACRO_MAX} macros`;
  const tokens = expandMacros(value, macros);
  if (typeof tokens === 'string') return tokens;
  macros.set(macro, tokens);
  return null;
}

function expandMacros(tokens: readonly Token[], macros: Seen['macros']): readonly Token[] | string {
  const expanded: Token[] = [];
  for (const token of tokens) {
    const isUse = token.kind === 'word' && token.text.startsWith('$');
    const values = isUse ? macros.get(token.text.slice(1)) : [token];
    if (values === undefined) return `macro ${quote(token.text)} is used before it is defined`;
    for (const value of values) {
      const cut = isUse && value.kind === 'string' ? tokenizeLine(value.text) : [value];
      if (typeof cut === 'string') return cut;
      expanded.push(...cut);
    }
    if (expanded.length > EXPANDED_MAX_TOKENS) return `more than ${EXPANDED_MAX_TOKENS} words in one line`;
  }
  return expanded;
}

function enter(cursor: Cursor, seen: Seen, section: Section): void {
  if (SECTIONS.indexOf(section) < SECTIONS.indexOf(seen.section)) {
    fail(cursor, `rules must be in order: ${section} stands before ${seen.section}`);
  } else seen.section = section;
}

function statement(cursor: Cursor, seen: Seen): void {
  const word = peek(cursor).kind === 'word' ? take(cursor).text : '';
  switch (word) {
    case 'table':
      tableStatement(cursor, seen);
      break;
    case 'set':
      enter(cursor, seen, 'options');
      option(cursor);
      break;
    case 'scrub':
      enter(cursor, seen, 'normalization');
      scrub(cursor, seen.tables);
      break;
    case 'altq':
    case 'queue':
      fail(cursor, 'macOS has no ALTQ: queueing is refused');
      break;
    case 'pass':
    case 'block':
      enter(cursor, seen, 'filtering');
      filterRule(cursor, word, seen.tables);
      break;
    case 'no':
    case 'rdr':
    case 'nat':
    case 'binat':
      enter(cursor, seen, 'translation');
      if (word === 'no' && acceptOne(cursor, ['rdr', 'nat', 'binat']) === null) {
        fail(cursor, `expected rdr, nat or binat after "no", found ${found(cursor)}`);
      }
      translationRule(cursor, word === 'no', seen.tables);
      break;
    default:
      anchorStatement(cursor, seen, word);
  }
}

function anchorStatement(cursor: Cursor, seen: Seen, word: string): void {
  const sections: Readonly<Record<string, Section>> = {
    'scrub-anchor': 'normalization',
    'nat-anchor': 'translation',
    'rdr-anchor': 'translation',
    'binat-anchor': 'translation',
    'dummynet-anchor': 'dummynet',
    anchor: 'filtering',
  };
  const section = Object.hasOwn(sections, word) ? sections[word] : undefined;
  if (section !== undefined) {
    enter(cursor, seen, section);
    name(cursor, 'the name of an anchor');
    accept(cursor, 'all');
  } else if (word === 'load') {
    expect(cursor, 'anchor');
    name(cursor, 'the name of an anchor');
    expect(cursor, 'from');
    name(cursor, 'a file');
  } else fail(cursor, `unknown keyword ${word === '' ? found(cursor) : quote(word)}`);
}

function name(cursor: Cursor, what: string): void {
  const token = take(cursor);
  if (token.kind === 'mark')
    fail(cursor, `expected ${what}, found ${token.text === '' ? 'the end of the line' : quote(token.text)}`);
}

function tableStatement(cursor: Cursor, seen: Seen): void {
  expect(cursor, '<');
  const { text } = take(cursor);
  expect(cursor, '>');
  if (text.length > TABLE_NAME_MAX_CHARS) {
    fail(cursor, `table name longer than ${TABLE_NAME_MAX_CHARS} characters`);
  } else if (seen.tables.has(text)) fail(cursor, `table <${text}> is defined twice`);
  while (acceptOne(cursor, ['const', 'persist', 'counters']) !== null);
  if (accept(cursor, 'file')) name(cursor, 'a file');
  else if (peek(cursor).text === '{') listOf(cursor, 'addresses', () => tableEntry(cursor));
  if (cursor.problem === null) seen.tables.add(text);
}

function tableEntry(cursor: Cursor): void {
  accept(cursor, '!');
  const { text } = take(cursor);
  if (familyOf(text) === null)
    fail(cursor, `${quote(text)} is not an address: one unresolvable name fails the whole text`);
}

function option(cursor: Cursor): void {
  const word = acceptOne(cursor, OPTIONS);
  if (word === null) fail(cursor, `unknown option ${found(cursor)}`);
  while (!atEnd(cursor)) {
    if (take(cursor).text === 'lo0' && word === 'skip') {
      fail(cursor, 'skip on lo0 keeps every redirect from being evaluated');
    }
  }
}

function scrub(cursor: Cursor, tables: ReadonlySet<string>): void {
  acceptOne(cursor, ['in', 'out']);
  if (accept(cursor, 'on')) listOf(cursor, 'interfaces', () => interfaceName(cursor));
  acceptOne(cursor, ['inet', 'inet6']);
  hosts(cursor, noFacts(), tables);
  while (acceptOne(cursor, ['no-df', 'random-id', 'fragment', 'reassemble', 'crop', 'tcp']) !== null);
}
