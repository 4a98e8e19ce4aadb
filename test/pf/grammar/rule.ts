import { assertNever } from '../../../src/model/never.ts';
import { accept, acceptOne, atEnd, type Cursor, expect, fail, found, listOf, peek, take } from './cursor.ts';
import {
  type Family,
  familyOf,
  host,
  hosts,
  interfaceName,
  noFacts,
  owner,
  portItem,
  protocols,
  type RuleFacts,
} from './hosts.ts';

const FILTER_OPTIONS = [
  'user',
  'group',
  'flags',
  'keep',
  'no',
  'modulate',
  'synproxy',
  'label',
  'tag',
  'tagged',
  'allow-opts',
] as const;
const STATE_OPTIONS = [
  'max',
  'tcp.first',
  'tcp.opening',
  'tcp.established',
  'tcp.closing',
  'tcp.finwait',
  'tcp.closed',
] as const;
const TCP_FLAGS = /^([FSRPAUEW]*\/[FSRPAUEW]+|any)$/;

/** Reads what follows `pass` or `block`, to the end of the line. */
export function filterRule(cursor: Cursor, action: 'pass' | 'block', tables: ReadonlySet<string>): void {
  const facts = noFacts();
  if (action === 'block') acceptOne(cursor, ['drop', 'return', 'return-rst', 'return-icmp', 'return-icmp6']);
  acceptOne(cursor, ['in', 'out']);
  while (acceptOne(cursor, ['log', 'quick']) !== null);
  onInterface(cursor);
  if (acceptOne(cursor, ['route-to', 'reply-to', 'dup-to']) !== null) {
    listOf(cursor, 'routes', () => route(cursor, facts));
  }
  familyAndProtocol(cursor, facts);
  hosts(cursor, facts, tables);
  while (!atEnd(cursor)) filterOption(cursor, facts);
  checkTogether(cursor, facts);
}

/** Reads what follows `rdr`, `nat` or `binat`, to the end of the line; `negated` is `no rdr`. */
export function translationRule(cursor: Cursor, negated: boolean, tables: ReadonlySet<string>): void {
  const facts = noFacts();
  accept(cursor, 'pass');
  onInterface(cursor);
  familyAndProtocol(cursor, facts);
  hosts(cursor, facts, tables);
  if (accept(cursor, 'tagged') && take(cursor).kind === 'mark') fail(cursor, '"tagged" without its name');
  const misplaced = acceptOne(cursor, ['user', 'group', 'flags', 'keep']);
  if (misplaced !== null) fail(cursor, `"${misplaced}" belongs to filter rules only`);
  if (accept(cursor, '->')) {
    if (negated) fail(cursor, 'a "no" rule has no target');
    listOf(cursor, 'addresses', () => host(cursor, facts.target, tables));
    if (accept(cursor, 'port')) portItem(cursor);
  } else if (!negated) fail(cursor, `expected "->", found ${found(cursor)}`);
  if (!atEnd(cursor)) fail(cursor, `unknown keyword ${found(cursor)}`);
  checkTogether(cursor, facts);
}

function onInterface(cursor: Cursor): void {
  if (!accept(cursor, 'on')) return;
  accept(cursor, '!');
  listOf(cursor, 'interfaces', () => interfaceName(cursor));
}

function familyAndProtocol(cursor: Cursor, facts: RuleFacts): void {
  const family = acceptOne(cursor, ['inet', 'inet6']);
  if (family !== null) facts.af = family === 'inet' ? 4 : 6;
  if (accept(cursor, 'proto')) protocols(cursor, facts);
}

function route(cursor: Cursor, facts: RuleFacts): void {
  const inBrackets = accept(cursor, '(');
  interfaceName(cursor);
  if (!inBrackets) return;
  if (peek(cursor).kind === 'word') {
    const { text } = take(cursor);
    const family = familyOf(text);
    if (family === null) fail(cursor, `"${text}" is not an address to route to`);
    else facts.target.push(family);
  }
  expect(cursor, ')');
}

function filterOption(cursor: Cursor, facts: RuleFacts): void {
  const negated = accept(cursor, '!');
  const word = acceptOne(cursor, FILTER_OPTIONS);
  if (negated && word !== 'tagged') fail(cursor, 'only "tagged" can be negated here');
  switch (word) {
    case null:
      fail(cursor, `unknown keyword ${found(cursor)}`);
      break;
    case 'user':
    case 'group':
      facts.hasOwner = true;
      owner(cursor, word);
      break;
    case 'flags':
      facts.hasFlags = true;
      if (!TCP_FLAGS.test(peek(cursor).text)) fail(cursor, `${found(cursor)} are not TCP flags`);
      take(cursor);
      break;
    case 'keep':
    case 'no':
    case 'modulate':
    case 'synproxy':
      expect(cursor, 'state');
      if (word !== 'no' && accept(cursor, '(')) stateOptions(cursor);
      break;
    case 'label':
    case 'tag':
    case 'tagged':
      if (take(cursor).kind === 'mark') fail(cursor, `"${word}" without its name`);
      break;
    case 'allow-opts':
      break;
    default:
      assertNever(word);
  }
}

/** What stands in brackets behind `keep state`: time-outs in seconds, and bounds. */
function stateOptions(cursor: Cursor): void {
  while (!atEnd(cursor) && !accept(cursor, ')')) {
    if (acceptOne(cursor, STATE_OPTIONS) === null) fail(cursor, `unknown state option ${found(cursor)}`);
    else if (!/^[0-9]{1,6}$/.test(take(cursor).text)) fail(cursor, 'a state option needs a number');
    accept(cursor, ',');
  }
}

function checkTogether(cursor: Cursor, facts: RuleFacts): void {
  const { protos } = facts;
  const onlyTcpUdp = protos.length > 0 && protos.every((proto) => proto === 'tcp' || proto === 'udp');
  if (facts.hasPort && !onlyTcpUdp) fail(cursor, 'a port needs "proto tcp" or "proto udp"');
  if (facts.hasOwner && !onlyTcpUdp) fail(cursor, 'user and group need "proto tcp" or "proto udp"');
  if (facts.hasFlags && protos.some((proto) => proto !== 'tcp')) fail(cursor, 'flags are for TCP only');
  const family = facts.af ?? facts.target[0] ?? null;
  if (family === null) return;
  if (facts.target.some((target) => target !== family)) {
    fail(cursor, 'the target is of another address family than the rule');
  }
  if (isAllOther(facts.from, family) || isAllOther(facts.to, family)) {
    fail(cursor, 'an address of another family than the rule: it can never match');
  }
}

function isAllOther(families: readonly Family[], family: Family): boolean {
  return families.length > 0 && families.every((other) => other !== family);
}
