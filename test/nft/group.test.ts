import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkGroup, ensureGroup } from '../../nft/group.ts';
import { program } from './netns.ts';

const NAME = '_ran_test';

// Everything that changes /etc works on a copy of it, in a mount namespace of its own.
describe.if(process.platform === 'linux' && process.geteuid?.() === 0)('the group of the firewall', () => {
  let etc = '';
  beforeAll(() => {
    etc = mkdtempSync('/tmp/ran-etc-');
    for (const file of ['group', 'gshadow', 'passwd', 'login.defs', 'nsswitch.conf', 'ld.so.cache'])
      cpSync(join('/etc', file), join(etc, file));
  });
  afterAll(() => rmSync(etc, { recursive: true }));

  const inCopy = async () => {
    const script = 'mount --bind "$1" /etc && exec "$2" "$3" "$4"';
    const command = [
      'unshare',
      '-m',
      'sh',
      '-c',
      script,
      'sh',
      etc,
      process.execPath,
      program('group.ts'),
      NAME,
    ];
    const child = Bun.spawn(command, { stdout: 'pipe', stderr: 'pipe' });
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    if ((await child.exited) !== 0) throw new Error(err);
    return JSON.parse(out);
  };

  test('is made as a system group once, and found from then on', async () => {
    const made = await inCopy();
    expect(made.first.gid).toBeGreaterThan(0);
    expect(made.first.gid).toBeLessThan(1_000);
    expect(made.second).toEqual(made.first);
    expect(made.check).toMatchObject({ state: 'ok', remedy: null });
    expect(readFileSync(join(etc, 'group'), 'utf8')).toContain(`${NAME}:x:${made.first.gid}:\n`);
  });

  test('somebody who could use it is a warning with a remedy', async () => {
    const { first } = await inCopy();
    const line = `${NAME}:x:${first.gid}:`;
    const file = join(etc, 'group');
    await Bun.write(file, readFileSync(file, 'utf8').replace(line, `${line}mallory`));
    appendFileSync(file, `twin:x:${first.gid}:\n`);
    const { check } = await inCopy();
    expect(check.state).toBe('warn');
    expect(check.detail).toContain('its member mallory');
    expect(check.detail).toContain('members of group twin');
    expect(check.remedy).toContain('gpasswd');
  });

  test('a group with the number of root is refused', async () => {
    await expect(ensureGroup('root')).rejects.toThrow('intercept.group');
  });

  test('a group that does not exist yet is no fault', async () => {
    expect(await checkGroup('_ran_nobody')).toMatchObject({ state: 'ok' });
  });
});
