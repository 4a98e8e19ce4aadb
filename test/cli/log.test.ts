import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { cleanUp, serve, socketPath } from '../control/harness.ts';
import { makeFlow } from '../tui/feed/make-flow.ts';
import { linesOf, removeFolders, runCommand } from './judge/judge-cli.ts';

setDefaultTimeout(30_000);
afterEach(async () => {
  await cleanUp();
  removeFolders();
});

/** An engine with `count` flows; what it was asked stands in `asked`. */
async function withFlows(count: number) {
  const path = socketPath();
  const asked: { limit: number; after: number | null }[] = [];
  await serve(path, {
    flows: ({ limit, after }) => {
      asked.push({ limit, after });
      const from = after ?? 0;
      const here = Math.min(limit, count - from);
      const flows = Array.from({ length: here }, (_, n) => makeFlow(from + n + 1));
      return { flows, more: from + here < count };
    },
  });
  return { asked, log: (...args: string[]) => runCommand(path, ['log', ...args]) };
}

test('log asks for the latest at once, a thousand unless told otherwise, and says when they do not fit', async () => {
  const { asked, log } = await withFlows(3_000);
  const usual = await log('--json');
  expect(linesOf(usual.stdout)).toHaveLength(1_000);
  expect(usual.stderr).toBe('');
  const many = await log('-n', '2900', '--json');
  const shown = linesOf(many.stdout).map((line) => JSON.parse(line).id);
  expect(shown.at(-1)).toBe(2_900);
  expect(many.stderr).toBe(
    `resolagent: only the latest ${shown.length} fit into one answer; --since goes further back\n`,
  );
  expect(asked).toEqual([
    { limit: 1_000, after: null },
    { limit: 2_900, after: null },
  ]);
});

test('log --since asks page by page until there are no more, and drops nothing', async () => {
  const { asked, log } = await withFlows(5_000);
  const ran = await log('--since', '1h', '--json');
  expect(linesOf(ran.stdout).map((line) => JSON.parse(line).id)).toEqual(
    Array.from({ length: 5_000 }, (_, n) => n + 1),
  );
  expect(asked.map(({ after }) => after)).toEqual([null, 2_000, 4_000]);
});

test('log refuses numbers that are none, and more than the engine tells without --since', async () => {
  const { asked, log } = await withFlows(1);
  for (const limit of ['0', '1.5', 'x', '10001']) expect((await log('-n', limit)).code).toBe(2);
  expect((await log('-n', '10001')).stderr).toBe('resolagent: --limit: at most 10000 without --since\n');
  expect(asked).toEqual([]);
});

test('without an engine log says what is not there, and how to get it', async () => {
  const ran = await runCommand(socketPath(), ['log']);
  expect(ran).toMatchObject({ code: 1, stdout: '' });
  expect(ran.stderr).toContain('no engine ran here yet');
  const followed = await runCommand(socketPath(), ['log', '-f']);
  expect(followed.code).toBe(3);
  expect(followed.stderr.match(/start it with 'sudo resolagent'/g)).toHaveLength(1);
});
