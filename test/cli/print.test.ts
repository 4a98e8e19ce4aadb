import { expect, test } from 'bun:test';

const PRINT = JSON.stringify(new URL('../../src/cli/print.ts', import.meta.url).pathname);

/** Runs a program that prints without end to a reader that leaves after the first line. */
async function printToNobody(before: string): Promise<{ code: number; said: string }> {
  const program = `
    const { endOnBrokenPipe, outliveReader, print, printError } = await import(${PRINT});
    endOnBrokenPipe();
    ${before}
    let rounds = 0;
    setInterval(() => {
      print('x'.repeat(10_000));
      if (++rounds > 200) { printError('still here'); process.exit(7); }
    }, 1);`;
  const child = Bun.spawn([process.execPath, '-e', program], { stdout: 'pipe', stderr: 'pipe' });
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  return { said: await new Response(child.stderr).text(), code: await child.exited };
}

test('a command ends quietly when nobody reads its output any more', async () => {
  expect(await printToNobody('')).toEqual({ code: 0, said: '' });
});

test('an engine says once that nobody reads its output any more, and goes on', async () => {
  const { code, said } = await printToNobody('outliveReader();');
  expect(said).toBe(
    'resolagent: nobody reads standard output any more; going on without it\nresolagent: still here\n',
  );
  expect(code).toBe(7);
});

test('how many lines a slow reader missed is told on standard error, and standard output is JSON to the end', async () => {
  const program = `
    const { allRead, printError, printJson } = await import(${PRINT});
    for (let n = 0; n < 1_000; n++) printJson({ n, text: 'x'.repeat(10_000) });
    printError('all said');
    await allRead();
    printJson({ n: 'last' });
    await allRead();
    process.exit();`;
  const child = Bun.spawn([process.execPath, '-e', program], { stdout: 'pipe', stderr: 'pipe' });
  const errors = child.stderr.getReader();
  const decoder = new TextDecoder();
  let said = '';
  while (!said.includes('all said')) said += decoder.decode((await errors.read()).value);
  const lines = (await new Response(child.stdout).text()).trimEnd().split('\n');
  for (let read = await errors.read(); !read.done; read = await errors.read())
    said += decoder.decode(read.value);
  const shown = lines.map((line) => JSON.parse(line).n);
  const missed = Number(/^resolagent: (\d+) lines were dropped because the reader is slow$/m.exec(said)?.[1]);
  expect(shown.at(-1)).toBe('last');
  expect(missed).toBeGreaterThan(0);
  expect(shown).toHaveLength(1_001 - missed);
  expect(await child.exited).toBe(0);
});

test('items wait for a slow reader, and none is lost when the program ends', async () => {
  const program = `
    const { allRead, printEach } = await import(${PRINT});
    await printEach(Array.from({ length: 1_000 }, (_, n) => ({ n, text: 'x'.repeat(10_000) })), true, String);
    await allRead();
    process.exit();`;
  const child = Bun.spawn([process.execPath, '-e', program], { stdout: 'pipe', stderr: 'pipe' });
  const lines = (await new Response(child.stdout).text()).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).n)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
  expect(await new Response(child.stderr).text()).toBe('');
});
