import { expect, test } from 'bun:test';
import { checkAnchor, pfctlWith, pfctlWords } from '../../pf/runner.ts';
import type { ProgramResult } from '../../src/system/run-program.ts';
import { FakePf } from './fake-pf.ts';

test('says what pfctl means, without what it always says', () => {
  const result = (stderr: string): ProgramResult => ({ code: 1, timedOut: false, stdout: '', stderr });
  const noise =
    'No ALTQ support in kernel\nALTQ related functions disabled\npfctl: Use of -f option, could result in flushing of rules\npresent in the main ruleset added by the system at startup.\nSee /etc/pf.conf for further details.\n\n';
  expect(
    pfctlWords(
      result(`${noise}stdin:3: syntax error\npfctl: Syntax error in config file: pf rules not loaded\n`),
    ),
  ).toBe('stdin:3: syntax error; pfctl: Syntax error in config file: pf rules not loaded');
  expect(pfctlWords(result(noise))).toBe('exit code 1');
});

test('says that there is no pfctl', async () => {
  const missing = async () => {
    throw new Error('ENOENT');
  };
  await expect(pfctlWith(missing)(['-s', 'info'])).rejects.toThrow('cannot run /sbin/pfctl: ENOENT');
});

test('has pfctl read a text without loading it', async () => {
  const pf = new FakePf();
  expect(await checkAnchor(pfctlWith(pf.run), 'pass all\n')).toBeNull();
  expect(await checkAnchor(pfctlWith(pf.run), 'permit all')).toBe('stdin:1: syntax error');
  expect(pf.anchor).toBe('');
});
