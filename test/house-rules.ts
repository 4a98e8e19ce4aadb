import { posix } from 'node:path';

/** One room of the house, by how the paths of its files begin. */
interface Room {
  readonly at: string;
  /** No platform modules, clock, random, environment, timers or output. */
  readonly isPure?: true;
  /** Packages it may import, beside those of every pure room. */
  readonly packages?: readonly string[];
}

/** One import or re-export; `isLazy`: by `import()`; `isType`: nothing of it is left at run time. */
interface Import {
  readonly from: string;
  readonly isLazy: boolean;
  readonly isType: boolean;
}

const MAX_LINES = 500;
/** Pure libraries, open to all. */
const PURE_PACKAGES = ['tldts', 'ipaddr.js'];

const pure = (at: string, packages: string[] = []): Room => ({ at, isPure: true, packages });
const edge = (at: string, packages: string[] = []): Room => ({ at, packages });

/**
 * The house from the ground up. A file may import from its own room and from rooms of a row before its own, never from one beside or
 * above it, types like values: who knows a shape knows the room. Where two rooms fit a path the longer one holds. What a pure room
 * stands on is pure as well.
 */
const FLOORS: readonly (readonly Room[])[] = [
  [pure('src/model/')],
  [edge('src/async/', ['lru-cache'])],
  [edge('src/files/'), edge('src/system/'), edge('src/net/', ['dns-packet'])],
  [pure('src/sniff/')],
  [pure('src/policy/')],
  [pure('src/score/')],
  [edge('lists/')],
  [edge('src/schema/', ['zod'])],
  [pure('src/judge/injection/', ['entities'])],
  [pure('src/judge/core/')],
  [pure('src/judge/reply/', ['jsonrepair'])],
  [edge('src/config/', ['zod', 'smol-toml'])],
  [edge('src/lists/', ['zod']), edge('src/registration/', ['zod', 'lru-cache'])],
  [edge('src/intercept/')],
  [edge('src/attribute/', ['lru-cache'])],
  [edge('nft/'), edge('pf/'), pure('nft/table'), pure('pf/anchor')],
  [edge('src/resolve/', ['lru-cache'])],
  [edge('src/scoring/', ['lru-cache', 'zod'])],
  [edge('src/ledger/', ['zod'])],
  [edge('src/rules/', ['zod'])],
  [edge('src/judge/client/', ['eventsource-parser', 'openai', 'zod'])],
  [edge('src/judge/tools/', ['zod', 'entities', 'lru-cache'])],
  [edge('src/judge/run/')],
  [edge('src/judge/desk/', ['lru-cache', 'zod'])],
  [edge('src/ask/')],
  [edge('src/proxy/', ['lru-cache'])],
  [edge('src/platform/')],
  [edge('src/control/', ['zod'])],
  [edge('src/service/')],
  [edge('src/engine/')],
  // The screen: cells; words for what is drawn, and names of keys; what it knows; what it asks of the engine; what keys do; lines; views.
  [edge('tui/draw/')],
  [edge('tui/words/'), edge('tui/keys/', ['ink'])],
  [edge('tui/transcript/')],
  [edge('tui/state/')],
  [edge('tui/control/')],
  [edge('tui/press/')],
  [edge('tui/lines/')],
  [edge('tui/views/', ['ink', 'react'])],
  [edge('tui/', ['ink', 'react'])],
  [edge('src/cli/', ['commander', 'zod', 'smol-toml'])],
  [edge('src/main.ts')],
];
/** The rooms of each floor, from the ground up, by how the paths of their files begin. */
export const ROOMS: readonly (readonly string[])[] = FLOORS.map((rooms) => rooms.map(({ at }) => at));

/** What the screen, a process of its own, may import of the product: records, the client of the socket, and what travels over it. */
const SCREEN_MAY = ['src/model/', 'src/control/client.ts', 'src/control/protocol.ts', 'src/schema/', 'tui/'];
/** What commands load at once; all else below them, the screen too, by `import()` when they need it. */
const COMMANDS_MAY = [
  ...['src/model/', 'src/config/', 'src/control/', 'src/schema/', 'src/cli/', 'package.json'],
  ...['src/policy/', 'src/score/', 'tui/draw/', 'tui/words/', 'tui/transcript/'],
];
/** Files of the screen that may import node: modules: only the one that restores a terminal. */
const SCREEN_PLATFORM = ['tui/terminal.ts'];

const STATIC = /^(?:import|export)\s+(type\s)?([\w\s{},*$]*?)\bfrom\s*['"]([^'"]+)['"]/gm;
const SIDE_EFFECT = /^import\s*['"]([^'"]+)['"]/gm;
const LAZY = /(typeof\s+)?\bimport\(\s*['"]([^'"]+)['"]/g;
const COMMENT = /^\s*(\/\/|\/?\*)/;
const IMPURE =
  /\b(Date\.now|Math\.random|performance\.|process\.|Bun\.|console\.|crypto\.|fetch\(|setTimeout\(|setInterval\(|setImmediate\(|queueMicrotask\()|\bnew Date\(\)/;

/** What one file does that the house does not allow, one line each; empty when all is well. */
export function houseFaults(path: string, source: string): readonly string[] {
  const own = roomOf(path);
  if (own === null) return [`${path}: stands in no room of the house`];
  const lines = source.trimEnd().split('\n');
  const faults: string[] = [];
  if (lines.length > MAX_LINES) faults.push(`has ${lines.length} lines, the most is ${MAX_LINES}`);
  if (/^export default\b|\bas default\b/m.test(source)) faults.push('has a default export');
  const impure = own.room.isPure && lines.find((line) => !COMMENT.test(line) && IMPURE.test(line));
  if (impure) faults.push(`is pure, and says ${impure.trim()}`);
  for (const found of importsOf(source)) {
    const fault = importFault(path, own, found);
    if (fault !== null) faults.push(fault);
  }
  return faults.map((fault) => `${path}: ${fault}`);
}

/** Files that import each other in a loop, types counted, lazy imports not; a loop a line, its files in order. */
export function importCircles(sources: ReadonlyMap<string, string>): readonly string[] {
  const circles: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const walk = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      return;
    }
    state.set(path, 'open');
    for (const { from, isLazy } of importsOf(sources.get(path) ?? '')) {
      const target = targetOf(path, from);
      if (!isLazy && from.startsWith('.') && sources.has(target)) walk(target, [...trail, path]);
    }
    state.set(path, 'done');
  };
  for (const path of sources.keys()) walk(path, []);
  return circles;
}

/** The files and packages that are loaded with a file: what it imports, and what that imports, but for types and `import()`. */
export function loadedWith(path: string, sources: ReadonlyMap<string, string>): readonly string[] {
  const loaded = new Set<string>();
  const walk = (at: string): void => {
    for (const { from, isLazy, isType } of importsOf(sources.get(at) ?? '')) {
      const target = from.startsWith('.') ? targetOf(at, from) : from;
      if (isLazy || isType || from.startsWith('node:') || loaded.has(target)) continue;
      loaded.add(target);
      walk(target);
    }
  };
  walk(path);
  return [...loaded].sort();
}

interface Place {
  readonly floor: number;
  readonly room: Room;
}

function roomOf(path: string): Place | null {
  let found: Place | null = null;
  for (const [floor, rooms] of FLOORS.entries()) {
    for (const room of rooms) {
      if (path.startsWith(room.at) && room.at.length > (found?.room.at.length ?? 0)) found = { floor, room };
    }
  }
  return found;
}

function importsOf(source: string): readonly Import[] {
  const code = source
    .split('\n')
    .filter((line) => !COMMENT.test(line))
    .join('\n');
  return [
    ...[...code.matchAll(STATIC)].map(([, type, names = '', from = '']) => ({
      from,
      isLazy: false,
      isType: type !== undefined || /^{\s*(type\s+[\w\s$]+,?\s*)+}\s*$/.test(names),
    })),
    ...[...code.matchAll(SIDE_EFFECT)].map(([, from = '']) => ({ from, isLazy: false, isType: false })),
    ...[...code.matchAll(LAZY)].map(([, type, from = '']) => ({
      from,
      isLazy: type === undefined,
      isType: type !== undefined,
    })),
  ];
}

const targetOf = (path: string, from: string): string => posix.join(posix.dirname(path), from);

function importFault(path: string, own: Place, found: Import): string | null {
  const { from } = found;
  if (!from.startsWith('.')) return packageFault(path, own.room, from);
  if (!/\.(tsx?|json|txt|bin|zst)$/.test(from)) return `imports ${from} without its extension`;
  const target = targetOf(path, from);
  return mayImport(path, own, target, found) ? null : `imports ${target}`;
}

function mayImport(path: string, own: Place, target: string, { isLazy, isType }: Import): boolean {
  if (path.startsWith('tui/') && !starts(target, SCREEN_MAY)) return false;
  const other = roomOf(target);
  if (path.startsWith('src/cli/') && !isLazy && !isType) return starts(target, COMMANDS_MAY);
  if (other === null) return false;
  if (other.room === own.room) return true;
  // A thin runner stands in one folder with its pure renderer.
  const isBeside = other.floor === own.floor && other.room.at.startsWith(own.room.at);
  if (!isBeside && other.floor >= own.floor) return false;
  return own.room.isPure !== true || other.room.isPure === true;
}

function packageFault(path: string, room: Room, from: string): string | null {
  if (from.startsWith('node:') || from === 'bun' || from.startsWith('bun:')) {
    const isOpen = !room.isPure && (!path.startsWith('tui/') || SCREEN_PLATFORM.includes(path));
    return isOpen ? null : `imports ${from}`;
  }
  const name = from.split('/', from.startsWith('@') ? 2 : 1).join('/');
  const isOpen = PURE_PACKAGES.includes(name) || room.packages?.includes(name) === true;
  return isOpen ? null : `imports the package ${name}`;
}

function starts(path: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => path.startsWith(prefix));
}
