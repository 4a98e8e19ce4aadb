import { afterEach, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Launchd } from '../../src/service/launchd.ts';
import type { ProgramInput, ProgramResult } from '../../src/system/run-program.ts';

const LABEL = 'org.resolagent.daemon';
const TARGET = `system/${LABEL}`;

/** launchctl with one job: what is loaded, and what is switched off; its words are those of macOS 15. */
class FakeLaunchctl {
  loaded: string | null = null;
  disabled = true;
  /** `bootout` comes back while the job still ends. */
  ending = 0;

  readonly run = async ({ path, args }: ProgramInput): Promise<ProgramResult> => {
    expect(path).toBe('/bin/launchctl');
    const [code, stdout] = this.#answer(args);
    return { code, stdout, stderr: code === 0 ? '' : `Could not find service "${LABEL}"`, timedOut: false };
  };

  #answer([verb, ...rest]: readonly string[]): [number, string] {
    if (verb === 'print-disabled')
      return [0, `disabled services = {\n\t\t"${LABEL}" => ${this.disabled ? 'disabled' : 'enabled'}\n\t}\n`];
    if (verb === 'enable' && rest[0] === TARGET) {
      this.disabled = false;
      return [0, ''];
    }
    if (verb === 'bootstrap' && rest[0] === 'system' && this.loaded === null && !this.disabled) {
      this.loaded = rest[1] ?? null;
      return [0, ''];
    }
    if (verb === 'bootout' && rest[0] === TARGET && this.loaded !== null) {
      this.ending = 2;
      return [0, ''];
    }
    if (this.ending > 0 && --this.ending === 0) this.loaded = null;
    if (verb === 'print' && this.loaded !== null)
      return [0, `${TARGET} = {\n\tactive count = 1\n\tstate = running\n\n\tpid = 4711\n}\n`];
    return [113, ''];
  }
}

const folder = mkdtempSync('/tmp/launchd-');
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('installs, starts anew, stops and removes a job', async () => {
  const launchctl = new FakeLaunchctl();
  const launchd = new Launchd(folder, launchctl.run);
  const file = join(folder, `${LABEL}.plist`);
  expect(await launchd.look()).toMatchObject({ file: null, isEnabled: false, run: 'stopped', pid: null });
  launchd.write(['/usr/local/bin/resolagent', 'daemon', '--quiet'], true);
  expect(statSync(file).mode & 0o777).toBe(0o644);
  await launchd.enable();
  await launchd.restart();
  expect(launchctl.loaded).toBe(file);
  expect(await launchd.look()).toMatchObject({
    file,
    hasCopy: true,
    isEnabled: true,
    run: 'running',
    pid: 4_711,
  });
  await launchd.restart();
  expect(launchctl.loaded).toBe(file);
  await launchd.stop();
  expect(await launchd.look()).toMatchObject({ file, isEnabled: true, run: 'stopped', pid: null });
  await launchd.remove();
  expect(readdirSync(folder)).toEqual([]);
});

test('says what launchctl said', async () => {
  const launchd = new Launchd(folder, new FakeLaunchctl().run);
  await expect(launchd.restart()).rejects.toThrow(
    `launchctl bootstrap system ${folder}/${LABEL}.plist: Could not find`,
  );
});
