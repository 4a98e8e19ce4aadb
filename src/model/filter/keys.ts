import {
  CATEGORIES,
  EFFECTS,
  FLOW_STATES,
  type FlowRecord,
  REASONS,
  STAGES,
  VERDICT_KINDS,
} from '../flow.ts';
import { normalizeHost } from '../host.ts';
import { parseIpRange, rangeTest } from '../ip.ts';

/** Makes the test for one value of a key, or says what is wrong with the value. */
type MakeTest = (value: string) => ((flow: FlowRecord) => boolean) | string;

/**
 * The keys of the filter language. `host` looks at whole labels: `example.com` is the name and all below it, `ads` every name with
 * that label; `=name` is the name itself, `*.name` what is below it; `app` anywhere in the path or name of the program or a parent,
 * `=app` is its path or file name; `user` is a name or uid; `ip` an address or range, dialled or connected to; `list` anywhere in the
 * name of a list that matched.
 */
export const FILTER_KEYS: ReadonlyMap<string, MakeTest> = new Map<string, MakeTest>([
  ['host', hostTest],
  ['app', appTest],
  ['user', userTest],
  ['verdict', oneOf(VERDICT_KINDS, (flow) => flow.verdict.kind)],
  ['effect', oneOf(EFFECTS, (flow) => flow.effect)],
  ['stage', oneOf(STAGES, (flow) => flow.verdict.stage)],
  ['reason', oneOf(REASONS, (flow) => flow.verdict.reason)],
  ['state', oneOf(FLOW_STATES, (flow) => flow.state)],
  ['port', numberTest(1, 65_535, (flow) => flow.target.port)],
  ['ip', ipTest],
  ['list', listTest],
  ['category', categoryTest],
  ['pid', numberTest(0, 0x7fffffff, (flow) => flow.origin.pid)],
]);

/** A bare word: somewhere in the host (the address where there is none), or in the program's name or path. */
export function testOfWord(value: string): (flow: FlowRecord) => boolean {
  const inHost = namePart(value);
  const inApp = value.toLowerCase();
  return ({ target, origin }) =>
    (target.host ?? target.ip).includes(inHost) ||
    (origin.name ?? '').toLowerCase().includes(inApp) ||
    (origin.path ?? '').toLowerCase().includes(inApp);
}

function hostTest(value: string): ReturnType<MakeTest> {
  if (value.startsWith('=') || value.startsWith('*.')) {
    const isExact = value.startsWith('=');
    const host = normalizeHost(value.slice(isExact ? 1 : 2));
    if (host === null) return 'expected a host name after = or *.';
    return ({ target }) => (isExact ? target.host === host : (target.host?.endsWith(`.${host}`) ?? false));
  }
  if (value.includes('*')) return 'a star stands only at the front: *.name';
  const name = namePart(value).replace(/^\.|\.$/g, '');
  if (name === '') return 'expected a name or a label';
  const isLabel = !name.includes('.');
  return ({ target: { host, ip } }) => {
    if (host === null) return ip === name;
    return isLabel ? `.${host}.`.includes(`.${name}.`) : `.${host}`.endsWith(`.${name}`);
  };
}

/** A part of a name as hosts are kept: lower case, and ASCII where it is a name by itself. */
function namePart(value: string): string {
  const lower = value.toLowerCase();
  for (const c of lower) if (c > '\x7f') return normalizeHost(lower) ?? lower;
  return lower;
}

function appTest(value: string): ReturnType<MakeTest> {
  if (value === '=') return 'expected a path or file name after =';
  const isExact = value.startsWith('=');
  const wanted = isExact ? value.slice(1) : value.toLowerCase();
  const isMeant = (path: string | null, name: string | null): boolean =>
    isExact
      ? path === wanted || name === wanted
      : (path ?? '').toLowerCase().includes(wanted) || (name ?? '').toLowerCase().includes(wanted);
  return ({ origin }) =>
    isMeant(origin.path, origin.name) || origin.parents.some(({ path, name }) => isMeant(path, name));
}

function userTest(value: string): ReturnType<MakeTest> {
  return ({ origin: { user, uid } }) => user === value || (uid !== null && String(uid) === value);
}

function ipTest(value: string): ReturnType<MakeTest> {
  const read = parseIpRange(value);
  if (!read.ok) return read.error;
  const holds = rangeTest(read.range);
  return ({ target, upstreamIp }) => holds(target.ip) || (upstreamIp !== null && holds(upstreamIp));
}

function listTest(value: string): ReturnType<MakeTest> {
  const part = value.toLowerCase();
  return ({ verdict }) =>
    verdict.evidence.some((fact) => fact.kind === 'list' && fact.list.toLowerCase().includes(part));
}

function categoryTest(value: string): ReturnType<MakeTest> {
  const words: readonly string[] = [...CATEGORIES, 'allow'];
  if (!words.includes(value)) return expected(words);
  return ({ verdict }) => verdict.evidence.some((fact) => fact.kind === 'list' && fact.category === value);
}

function oneOf<T extends string>(words: readonly T[], field: (flow: FlowRecord) => T): MakeTest {
  return (value) => {
    const word = words.find((known) => known === value);
    return word === undefined ? expected(words) : (flow) => field(flow) === word;
  };
}

function numberTest(min: number, max: number, field: (flow: FlowRecord) => number | null): MakeTest {
  return (value) => {
    const number = /^\d{1,10}$/.test(value) ? Number(value) : -1;
    if (number < min || number > max) return `expected a number from ${min} to ${max}`;
    return (flow) => field(flow) === number;
  };
}

function expected(words: readonly string[]): string {
  return `expected one of ${words.join(', ')}`;
}
