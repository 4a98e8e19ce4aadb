import { renderAnchor } from '../../pf/anchor.ts';
import { checkMachine } from '../../pf/check.ts';
import { darwinChecks } from '../../pf/doctor.ts';
import { openDarwinNative } from '../../pf/ffi.ts';
import { ensureGroup, groupUse, removeGroup } from '../../pf/group.ts';
import type { DarwinNative } from '../../pf/native.ts';
import { openDarwin } from '../../pf/open.ts';
import { freeAddress, interfaceRanges } from '../../pf/probe.ts';
import { checkAnchor, flushAnchor, pfctlWith } from '../../pf/runner.ts';
import { TOKEN_FILE } from '../../pf/token.ts';
import { removeAnchor, removeAnchorOf } from '../../pf/watchdog.ts';
import type { Config } from '../config/schema.ts';
import type { InterceptPlan } from '../model/intercept-plan.ts';
import { connectByAddress } from '../proxy/connect.ts';
import { LoopBrake } from '../proxy/loop-brake.ts';
import { runProgram } from '../system/run-program.ts';
import type { Platform, PlatformTools } from './platform.ts';

/** One pf, one anchor of ours. */
const RULES_LOCK = '/var/run/resolagent-pf.lock';

/** Everything macOS brings: pf, the kernel's list of sockets, code signatures. */
export function darwinPlatform(
  config: Config,
  selfCommand: readonly string[],
  warn: (text: string) => void,
): Platform {
  const { sourcePorts, bound, ...parts } = openDarwin({
    selfCommand,
    watchdogCommand: [...selfCommand, '__watchdog'],
    tokenFile: TOKEN_FILE,
    group: config.intercept.group,
    warn,
  });
  // Not more than 128 wait on macOS (kern.ipc.somaxconn), which is less than Bun's own limit.
  return {
    ...parts,
    rulesLock: RULES_LOCK,
    connect: connectByAddress(sourcePorts, bound),
    loops: new LoopBrake(() => performance.now()),
    widen: () => undefined,
    turnedAway: () => null,
  };
}

/** What commands need of macOS without an engine. */
export const darwinTools: PlatformTools = {
  rulesLock: () => RULES_LOCK,
  async checks(config: Config, deep: boolean) {
    const base = await checkMachine(runProgram, config.intercept.group);
    if (!deep) return base;
    const parts = {
      run: runProgram,
      native: nativeOrWhy(),
      tokenFile: TOKEN_FILE,
      program: process.execPath,
      proxyPort: config.proxy.port,
      nowhere: freeAddress(Math.random, interfaceRanges()),
      now: () => performance.now(),
    };
    return [...base, ...(await darwinChecks(parts))];
  },
  render: (plan: InterceptPlan) => renderAnchor(plan, 'loopback'),
  async validate(text: string) {
    if (process.platform !== 'darwin') {
      return { by: null, errors: ['pfctl is on a Mac only: these rules were not checked here'] };
    }
    const refused = await checkAnchor(pfctlWith(runProgram), text);
    return { by: 'pfctl -n', errors: refused === null ? [] : [refused] };
  },
  // The states of open connections are not the anchor's, and stay.
  letPass: () => flushAnchor(pfctlWith(runProgram)),
  remove: () => removeAnchor(pfctlWith(runProgram), TOKEN_FILE),
  removeById: (token: string) => removeAnchorOf(pfctlWith(runProgram), TOKEN_FILE, token),
  makeGroup: (name) => ensureGroup(runProgram, name),
  groupUse: (name) => groupUse(runProgram, name),
  removeGroup: (name) => removeGroup(runProgram, name),
};

function nativeOrWhy(): DarwinNative | string {
  try {
    return openDarwinNative();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
