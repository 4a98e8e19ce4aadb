import { expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dir, '..');

/**
 * Tests that have no file of the same path: what they look at instead. The list only shrinks: one that is no longer needed fails
 * the test below. The tests of test/e2e look at the whole program.
 */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'attribute/linux/redirected': 'the attributor behind the rules of a real kernel',
  'engine/parts': 'small parts of the engine',
  house: 'imports of all files, by house-rules.ts',
  'judge/client/environment': 'the client: what of the environment counts',
  'judge/client/many': 'the client: many questions',
  'judge/client/size': 'the client: bounds of what it reads',
  'judge/client/stream': 'the client: streams',
  'judge/client/time': 'the client: deadlines',
  'judge/injection/injection': 'a corpus of attempts, through all of injection/',
  'judge/orders/orders': 'a corpus of orders and honest sites, through whole inquiries',
  'judge/reply/bounds': 'bounds of every reader of replies',
  'judge/run/runner-http': 'the runner with a model over HTTP',
  'judge/tools/page/hostile': 'the tool with hostile servers',
  'judge/tools/page/internet': 'the tool in a small internet',
  'judge/tools/page/pages': 'recorded pages, through all of the tool',
  'ledger/full-disk': 'the whole ledger on a full disk',
  'ledger/inquiries': 'inquiries, through all of the ledger',
  'ledger/judge-memory': 'kept verdicts, through all of the ledger',
  'ledger/kill': 'the whole ledger, killed',
  'ledger/thread/retention-judge': 'retention.ts: transcripts and verdicts of the judge',
  'ledger/trouble': 'the whole ledger in trouble',
  'lists/datasets': 'folders of names, through all of lists/',
  'lists/kill': 'an update, killed',
  mirror: 'where tests stand',
  'nft/watchdog': 'the watchdog and the table in a real kernel',
  'policy/rules/reference': 'rule-set.ts beside a search through all rules',
  'proxy/silence': 'flow.ts with a client that says nothing',
  'proxy/waiting': 'flow.ts while it waits for an answer',
  'registration/records': 'records, through all of registration/',
  'registration/storage': 'what is kept, through all of registration/',
  'rules/full-disk': 'the file of the rules on a full disk',
  'rules/kill': 'the file of the rules, killed',
  'schema/agreement': 'schemas and the records of the model',
  scripts: 'the scripts of package.json',
  'sniff/properties': 'random bytes, through all of sniff/',
  'tui/screen': 'the whole screen at every size',
};

/** The files that a test may be named after: one of the product or its tools, or a helper of the tests beside it. */
function mirrorsOf(test: string): readonly string[] {
  return ['src/', '', 'test/'].flatMap((folder) => ['.ts', '.tsx'].map((end) => `${folder}${test}${end}`));
}

function hasMirror(test: string): boolean {
  return mirrorsOf(test).some((path) => existsSync(join(ROOT, path)));
}

const tests = [...new Bun.Glob('**/*.test.{ts,tsx}').scanSync(import.meta.dir)]
  .filter((path) => !path.startsWith('e2e/'))
  .map((path) => path.replace(/\.test\.tsx?$/, ''))
  .sort();

test('tests stand where the files stand that they test', () => {
  expect(tests.filter((path) => !hasMirror(path) && EXCEPTIONS[path] === undefined)).toEqual([]);
});

test('every exception is still one', () => {
  expect(Object.keys(EXCEPTIONS).filter((path) => hasMirror(path) || !tests.includes(path))).toEqual([]);
});
