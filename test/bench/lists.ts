/**
 * Name sets side by side, in one run: the mapped set of this program, a JavaScript Set of strings and an index of bun:sqlite.
 *
 *   npm run bench:lists -- [NAMES] [ASKED]      default 1,000,000 and 50,000
 *
 * Every contender is filled, opened and asked in a process of its own, so that memory is its own. Asked are hosts of four labels:
 * listed ones (`hit`), ones whose parent is listed (`parent`), and ones that are not (`miss`); 50 at a time, each host once, and
 * then a second time in an order of its own over a working set of 2,000 (`warm`).
 */
import { Database } from 'bun:sqlite';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCompiled } from '../../src/lists/compile/compiled-lists.ts';
import { compiledPath, runCompile } from '../../src/lists/compile/job.ts';
import type { ListInput } from '../../src/lists/compile/list-input.ts';
import { compileInWorker } from '../../src/lists/compile/worker-client.ts';
import { MISS } from '../../src/policy/hosts/host-set.ts';

const BATCH = 50;
const [TOTAL = 1_000_000, ASKED = 50_000] = process.argv.slice(2, 4).map(Number);
const WARM_HOSTS = Math.min(2_000, ASKED);

/** Made-up names, the same in every run: `word.word.tld` and `word.word.word.tld`. */
class Names {
  #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  below(limit: number): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#seed / 2 ** 32) * limit);
  }

  word(): string {
    return Array.from(
      { length: 4 + this.below(9) },
      () => 'abcdefghijklmnopqrstuvwxyz0123456789'[this.below(36)],
    ).join('');
  }

  name(labels: number): string {
    const words = Array.from({ length: labels - 1 }, () => this.word());
    return `${words.join('.')}.${['com', 'net', 'org', 'info', 'xyz', 'de', 'ru', 'io'][this.below(8)]}`;
  }
}

/** A string whose characters lie in one piece, as those of a parsed host do. */
const flat = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');

function questions(count: number): Record<'hit' | 'parent' | 'miss', string[]> {
  const listed = readFileSync(listPath(count), 'utf8').trimEnd().split('\n');
  const names = new Names(7);
  const four = listed.filter((name) => name.split('.').length === 4);
  const three = listed.filter((name) => name.split('.').length === 3);
  const pick = (from: string[]) => from[names.below(from.length)] ?? '';
  const many = (make: () => string) => Array.from({ length: ASKED }, () => flat(make()));
  return {
    hit: many(() => pick(four)),
    parent: many(() => `www.${pick(three)}`),
    // Under a top-level domain of their own: made like the listed ones, a few would be listed, and a hit touches other memory.
    miss: many(() => names.name(4).replace(/[a-z]+$/, 'example')),
  };
}

interface Contender {
  readonly name: string;
  /** Makes what `open` needs; null when nothing is kept between runs. */
  prepare(count: number): void;
  open(count: number): (host: string) => boolean;
  fileBytes(count: number): number;
}

const folder = join(tmpdir(), 'resolagent-bench-lists');
const listPath = (count: number) => join(folder, `names-${count}`);
const inputs = (count: number): ListInput[] => [
  {
    name: 'bench',
    kind: 'malware',
    format: 'domains',
    path: listPath(count),
    trust: 'state',
    digest: String(count),
  },
];
const suffixes = (host: string) => {
  const labels = host.split('.');
  return labels.slice(0, -1).map((_, i) => labels.slice(i).join('.'));
};

const CONTENDERS: readonly Contender[] = [
  {
    name: 'mapped set',
    prepare: (count) =>
      void runCompile({ inputs: inputs(count), folder: join(folder, `set-${count}`), key: null, nowMs: 0 }),
    open: (count) => {
      const { block } = openCompiled(Bun.mmap(compiledPath(join(folder, `set-${count}`))), 'hot').sets;
      const on = new Uint8Array([1]);
      return (host) => block.find(host, on) !== MISS;
    },
    fileBytes: (count) => statSync(compiledPath(join(folder, `set-${count}`))).size,
  },
  {
    name: 'JavaScript Set',
    prepare: () => {},
    open: (count) => {
      const set = new Set(readFileSync(listPath(count), 'utf8').trimEnd().split('\n'));
      return (host) => {
        for (let at = 0; ; at = host.indexOf('.', at) + 1) {
          if (set.has(at === 0 ? host : host.slice(at))) return true;
          if (host.indexOf('.', at) < 0) return false;
        }
      };
    },
    fileBytes: (count) => statSync(listPath(count)).size,
  },
  {
    name: 'bun:sqlite index',
    prepare: (count) => {
      const path = join(folder, `names-${count}.sqlite`);
      rmSync(path, { force: true });
      const db = new Database(path);
      db.run('create table names (name text primary key) without rowid');
      const insert = db.prepare('insert or ignore into names values (?)');
      const names = readFileSync(listPath(count), 'utf8').trimEnd().split('\n');
      db.transaction(() => {
        for (const name of names) insert.run(name);
      })();
      db.close();
    },
    open: (count) => {
      const db = new Database(join(folder, `names-${count}.sqlite`), { readonly: true });
      const query = db.prepare('select 1 from names where name = ?');
      return (host) => suffixes(host).some((suffix) => query.get(suffix) !== null);
    },
    fileBytes: (count) => statSync(join(folder, `names-${count}.sqlite`)).size,
  },
];

const say = (text: string) => process.stdout.write(`${text}\n`);
const rssMb = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1_024;
/** What of our mapped files is in memory: the part of the figure that the garbage collector does not blur. */
const mappedMb = () => {
  const maps = readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  const ours = maps.filter((map) => map.includes(folder));
  return ours.reduce((sum, map) => sum + Number(/Rss:\s+(\d+)/.exec(map)?.[1] ?? 0), 0) / 1_024;
};
const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.floor(sorted.length * share)] ?? 0;

/** p50 and p99 of the mean of 50 lookups, in nanoseconds. */
function timed(hosts: readonly string[], has: (host: string) => boolean, expected: boolean): string {
  const means: number[] = [];
  let wrong = 0;
  for (let at = 0; at + BATCH <= hosts.length; at += BATCH) {
    const batch = hosts.slice(at, at + BATCH);
    const started = Bun.nanoseconds();
    for (const host of batch) if (has(host) !== expected) wrong++;
    means.push((Bun.nanoseconds() - started) / BATCH);
  }
  means.sort((a, b) => a - b);
  const few = wrong > hosts.length / 1_000 ? ` (${wrong} wrong)` : '';
  return `${percentile(means, 0.5).toFixed(0)}/${percentile(means, 0.99).toFixed(0)}${few}`;
}

/** Opens one contender and asks it; run in a process of its own. */
function measure(contender: Contender, count: number): void {
  const asked = questions(count);
  Bun.gc(true);
  const before = rssMb();
  const started = Bun.nanoseconds();
  const has = contender.open(count);
  const readyMs = (Bun.nanoseconds() - started) / 1e6;
  const opened = rssMb() - before;
  const cells = [`ready ${readyMs.toFixed(1)} ms`, `memory ${opened.toFixed(0)} MB`];
  for (const kind of ['miss', 'parent', 'hit'] as const) {
    for (let round = 0; round < 3; round++) timed(asked[kind], has, kind !== 'miss');
    if (kind === 'miss') cells.push(`mapped ${mappedMb().toFixed(1)} MB after misses`);
    const few = asked[kind].slice(0, WARM_HOSTS);
    const warm = Array.from({ length: ASKED / WARM_HOSTS }, () => few).flat();
    cells.push(
      `${kind} ${timed(asked[kind], has, kind !== 'miss')} warm ${timed(warm, has, kind !== 'miss')}`,
    );
  }
  cells.push(
    `${(rssMb() - before).toFixed(0)} MB after all`,
    `file ${(contender.fileBytes(count) / 1e6).toFixed(1)} MB`,
  );
  say(`${contender.name.padEnd(17)} ${cells.join(' · ')}`);
}

/** Compiles in the worker while this thread gives verdicts, and tells how late those were. */
async function compileBeside(count: number): Promise<void> {
  runCompile({ inputs: inputs(count), folder: join(folder, `beside-${count}`), key: null, nowMs: 0 });
  const { block } = openCompiled(Bun.mmap(compiledPath(join(folder, `beside-${count}`))), 'hot').sets;
  const hosts = questions(count).miss.slice(0, WARM_HOSTS);
  const on = new Uint8Array([1]);
  const late: number[] = [];
  let done = false;
  const started = Bun.nanoseconds();
  const job = { inputs: inputs(count), folder: join(folder, `worker-${count}`), key: null, nowMs: 0 };
  const compile = compileInWorker(job).finally(() => {
    done = true;
  });
  for (let i = 0; !done; i++) {
    const asked = Bun.nanoseconds();
    await new Promise<void>((resolve) => setImmediate(resolve));
    block.find(hosts[i % hosts.length] ?? '', on);
    late.push((Bun.nanoseconds() - asked) / 1e6);
  }
  await compile;
  late.sort((a, b) => a - b);
  const [p50, p99, most] = [percentile(late, 0.5), percentile(late, 0.99), late.at(-1) ?? 0];
  const seconds = (Bun.nanoseconds() - started) / 1e9;
  say(
    `compile in worker ${seconds.toFixed(2)} s · verdict and turn of the loop meanwhile p50 ${p50.toFixed(3)} p99 ${p99.toFixed(3)} max ${most.toFixed(1)} ms`,
  );
}

async function main(): Promise<void> {
  const one = CONTENDERS.find((contender) => contender.name === process.argv[4]);
  if (one !== undefined) return measure(one, TOTAL);
  mkdirSync(folder, { recursive: true });
  const names = new Names(1);
  const lines = Array.from({ length: TOTAL }, () =>
    names.name(names.below(10) < 3 ? 4 : names.below(10) < 5 ? 3 : 2),
  );
  writeFileSync(listPath(TOTAL), `${lines.join('\n')}\n`);
  say(`${TOTAL} names · lookups of hosts of four labels, p50/p99 in ns`);
  for (const contender of CONTENDERS) {
    contender.prepare(TOTAL);
    Bun.spawnSync([process.execPath, import.meta.path, String(TOTAL), String(ASKED), contender.name], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  }
  await compileBeside(TOTAL);
  rmSync(folder, { recursive: true, force: true });
}

await main();
