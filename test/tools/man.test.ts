import { expect, test } from 'bun:test';
import { renderManPage } from '../../tools/man.ts';

const page = renderManPage(new Date('2026-01-31'));

test('names every command with its options and arguments', () => {
  for (const line of [
    '.SS service install',
    '.SS rules remove <id>',
    '.B \\-\\-dry\\-run',
    '.SS score <hosts...>',
  ])
    expect(page.split('\n')).toContain(line);
  expect(page).not.toContain('.SS help');
});

for (const [tool, args] of [
  ['mandoc', ['-T', 'lint', '-W', 'warning']],
  ['man', ['--warnings', '--local-file', '-']],
] as const) {
  const isThere = Bun.which(tool, { PATH: '/usr/bin' }) !== null;
  test.skipIf(!isThere && process.env.RESOLAGENT_E2E !== 'required')(
    `${tool} finds nothing wrong with it`,
    () => {
      const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' };
      const ran = Bun.spawnSync([`/usr/bin/${tool}`, ...args], { stdin: Buffer.from(page), env });
      const found = tool === 'mandoc' ? ran.stdout.toString() : '';
      expect([ran.exitCode, found, ran.stderr.toString()]).toEqual([0, '', '']);
    },
  );
}
