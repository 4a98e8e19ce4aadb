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
