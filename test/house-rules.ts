import { posix } from 'node:path';

/** A part of the house, by how its paths begin, and what its files may import. `*` allows all. */
interface Part {
  readonly at: string;
  /** No platform modules, no clock, random, environment, timers or output. */
  readonly isPure?: true;
  /** Paths, as prefixes, beside its own. */
  readonly values: readonly string[];
  /** Paths, as prefixes, of which it may import types only. */
  readonly types: readonly string[];
  readonly packages: readonly string[];
}

/** One import or re-export; `isType` when nothing of it is left at run time. */
interface Import {
  readonly from: string;
  readonly isType: boolean;
  readonly isDynamic: boolean;
}

const MAX_LINES = 500;
const PURE = [
  'src/model/',
  'src/sniff/',
  'src/policy/',
  'src/score/',
  'src/judge/judge',
  'pf/anchor',
  'nft/table',
];
const PURE_PACKAGES = ['tldts', 'ipaddr.js', 'fastest-levenshtein'];
const PORT = 'src/intercept/interceptor.ts';
const STAGES = ['src/', 'pf/', 'nft/', 'lists/'];

/** How the edge talks to libc. */
const FFI = ['src/intercept/libc.ts', 'src/intercept/native-memory.ts', 'src/intercept/sockaddr.ts'];

const pure = (at: string, ...values: string[]): Part => ({
  at,
  isPure: true,
  values: ['src/model/', ...values],
  types: [...PURE, PORT],
  packages: PURE_PACKAGES,
});
const edge = (at: string, values: string[], packages: string[]): Part => ({
  at,
  values: [...PURE, ...values],
  types: STAGES,
  packages: [...PURE_PACKAGES, ...packages],
});

/** DESIGN.md, "Allowed imports". Where two rows fit a file the longer one holds. */
const PARTS: readonly Part[] = [
  pure('src/model/'),
  pure('src/sniff/'),
  pure('src/policy/'),
  pure('src/score/'),
  pure('src/judge/judge'),
  pure('pf/anchor'),
  pure('nft/table'),
  edge('src/config/', ['lists/score/thresholds'], ['zod', 'smol-toml']),
  edge('src/control/', ['src/intercept/peer-cred.ts', ...FFI], ['zod']),
  edge('src/intercept/', [], []),
  edge('src/attribute/', ['src/intercept/'], ['lru-cache']),
  edge(
    'src/ledger/',
    [
      'src/control/schema.ts',
      'src/control/flow-schema.ts',
      'src/control/judge-schema.ts',
      'src/control/private-dir.ts',
    ],
    ['zod'],
  ),
  edge('src/judge/', ['src/net/'], ['zod', 'openai', 'lru-cache', 'dns-packet', 'jsonrepair']),
  edge('src/lists/', ['lists/', 'src/net/'], ['zod']),
  edge('src/net/', [], []),
  edge(
    'src/registration/',
    ['lists/rdap/', 'src/control/private-dir.ts', 'src/lists/atomic-file.ts', 'src/net/'],
    ['zod', 'lru-cache'],
  ),
  edge('pf/', ['src/intercept/', 'src/attribute/darwin'], []),
  edge('nft/', ['src/intercept/'], []),
  edge('lists/', [], ['third-party-web']),
  { at: 'src/engine/', values: STAGES, types: STAGES, packages: ['*'] },
  {
    at: 'src/cli/',
    values: ['src/config/', 'src/control/', 'package.json', ...PURE],
    types: [...STAGES, 'tui/'],
    packages: ['commander', 'zod', 'smol-toml'],
  },
  { at: 'src/main.ts', values: ['src/cli/program.ts'], types: [], packages: [] },
  {
    at: 'tui/',
    values: ['src/model/', 'src/control/client.ts', 'src/control/schema.ts', 'src/control/flow-schema.ts'],
    types: [...PURE, 'src/control/'],
    packages: ['ink', 'react'],
  },
];
/** Whose files may import node: and bun: modules when not pure: all but the screen, save the file that restores a terminal. */
const PLATFORM = ['src/', 'pf/', 'nft/', 'lists/', 'tui/terminal.ts'];
/** These load the heavy parts by `import()`, when a command needs them. */
const LOADERS = ['src/cli/', 'src/main.ts'];
/** What people start and see; nothing else imports from it, not even a type. */
const DOORS = ['src/cli/', 'src/main.ts', 'tui/'];

const STATIC = /^(?:import|export)\s+(type\s)?([\w\s{},*$]*?)\bfrom\s*['"]([^'"]+)['"]/gm;
const SIDE_EFFECT = /^import\s*['"]([^'"]+)['"]/gm;
const DYNAMIC = /(typeof\s+)?\bimport\(\s*['"]([^'"]+)['"]/g;
const COMMENT = /^\s*(\/\/|\/?\*)/;
const IMPURE =
  /\b(Date\.now|Math\.random|performance\.|process\.|Bun\.|console\.|crypto\.|fetch\(|setTimeout\(|setInterval\(|setImmediate\(|queueMicrotask\()|\bnew Date\(\)/;

/** What one file does that the house does not allow, one line each; empty when all is well. */
export function houseFaults(path: string, source: string): readonly string[] {
  const part = PARTS.filter(({ at }) => path.startsWith(at)).sort((a, b) => b.at.length - a.at.length)[0];
  const lines = source.trimEnd().split('\n');
  const faults: string[] = [];
  if (part === undefined) faults.push('stands in no part of the house');
  if (lines.length > MAX_LINES) faults.push(`has ${lines.length} lines, the most is ${MAX_LINES}`);
  if (/^export default\b|\bas default\b/m.test(source)) faults.push('has a default export');
  const impure = part?.isPure && lines.find((line) => !COMMENT.test(line) && IMPURE.test(line));
  if (impure) faults.push(`is pure, and says ${impure.trim()}`);
  for (const found of importsOf(source)) {
    const fault = part === undefined ? null : importFault(path, part, found);
    if (fault !== null) faults.push(fault);
  }
  return faults.map((fault) => `${path}: ${fault}`);
}

function importsOf(source: string): readonly Import[] {
  const code = source
    .split('\n')
    .filter((line) => !COMMENT.test(line))
    .join('\n');
  return [
    ...[...code.matchAll(STATIC)].map(([, type, names = '', from = '']) => ({
      from,
      isType: type !== undefined || /^{\s*(type\s+[\w\s$]+,?\s*)+}\s*$/.test(names),
      isDynamic: false,
    })),
    ...[...code.matchAll(SIDE_EFFECT)].map(([, from = '']) => ({ from, isType: false, isDynamic: false })),
    ...[...code.matchAll(DYNAMIC)].map(([, type, from = '']) => ({
      from,
      isType: type !== undefined,
      isDynamic: type === undefined,
    })),
  ];
}

function importFault(path: string, part: Part, { from, isType, isDynamic }: Import): string | null {
  if (!from.startsWith('.')) return packageFault(path, part, from, isType);
  if (!/\.(tsx?|json|txt|bin|zst)$/.test(from)) return `imports ${from} without its extension`;
  const target = posix.join(posix.dirname(path), from);
  if (isDynamic && starts(path, LOADERS)) return null;
  const isOwn = target.startsWith(ownFolder(part)) && !(part.isPure && isEdgeBeside(part, target));
  const isOpen = starts(path, DOORS) || !starts(target, DOORS);
  if (isOpen && (isOwn || starts(target, part.values) || (isType && starts(target, part.types)))) return null;
  return `imports ${isType ? 'types of ' : ''}${target}`;
}

function packageFault(path: string, part: Part, from: string, isType: boolean): string | null {
  const isPlatform = from.startsWith('node:') || from === 'bun' || from.startsWith('bun:');
  if (isPlatform) {
    return !part.isPure && starts(path, PLATFORM) ? null : `imports ${from}${isType ? ' types' : ''}`;
  }
  const name = from.split('/', from.startsWith('@') ? 2 : 1).join('/');
  return part.packages.includes(name) || part.packages.includes('*') ? null : `imports the package ${name}`;
}

function ownFolder(part: Part): string {
  return part.at.slice(0, part.at.lastIndexOf('/') + 1);
}

/** A pure file in a folder of the edge (`pf/anchor.ts`) may not import the edge beside it. */
function isEdgeBeside(part: Part, target: string): boolean {
  return !part.at.endsWith('/') && !target.startsWith(part.at);
}

function starts(path: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => path.startsWith(prefix));
}
