import type { CheckItem, InterceptPlan } from '../src/intercept/interceptor.ts';
import { runProgram } from '../src/intercept/run-program.ts';
import { renderAnchor } from './anchor.ts';
import { checkAnchorGrammar } from './anchor-check.ts';
import { checkMachine } from './check.ts';
import { type DoctorParts, darwinChecks } from './doctor.ts';
import { openDarwinNative } from './ffi.ts';
import { removeAnchor, removeAnchorOf } from './guard.ts';
import type { DarwinNative } from './native.ts';
import { checkAnchor, pfctlWith, type Run } from './runner.ts';
import { TOKEN_FILE } from './token.ts';

/** Of a range that is never routed (RFC 2544). */
const NOWHERE = '198.18.0.1';

/** The part of the configuration that the checks read. */
interface CheckedConfig {
  readonly intercept: { readonly group: string };
  readonly proxy: { readonly port: number };
}

/** What commands need of macOS without an engine. `isMac` false: what can be told on any machine. */
export function pfTools(
  run: Run = runProgram,
  isMac = process.platform === 'darwin',
  tokenFile = TOKEN_FILE,
) {
  const pfctl = pfctlWith(run);
  return {
    /** Changes nothing. `deep` adds the checks that take seconds. */
    async checks(config: CheckedConfig, deep: boolean): Promise<readonly CheckItem[]> {
      const machine = await checkMachine(run, config.intercept.group);
      return deep ? [...machine, ...(await darwinChecks(doctorParts(run, tokenFile, config)))] : machine;
    },

    /** The text of the anchor, in its first form for IPv6. */
    render(plan: InterceptPlan): string {
      return renderAnchor(plan, plan.ipv6Listener === false ? 'blocked' : 'loopback');
    },

    /** Has pfctl read the text without loading it, or our own grammar where there is no pfctl. */
    async validate(text: string): Promise<{ readonly by: string; readonly errors: readonly string[] }> {
      if (isMac) {
        const refused = await checkAnchor(pfctl, text);
        return { by: 'pfctl', errors: refused === null ? [] : [refused] };
      }
      const problems = checkAnchorGrammar(text).map((problem) => `line ${problem.line}: ${problem.text}`);
      return { by: 'the grammar of pf.conf (there is no pfctl here)', errors: problems };
    },

    /** Takes our rules away; needs nothing of a former run. */
    remove(): Promise<void> {
      return removeAnchor(pfctl, tokenFile);
    },

    /** Takes the rules away that were installed under this token; newer ones stay. */
    removeById(id: string): Promise<void> {
      return removeAnchorOf(pfctl, tokenFile, id);
    },
  };
}

function doctorParts(run: Run, tokenFile: string, config: CheckedConfig): DoctorParts {
  return {
    run,
    native: openNative(),
    tokenFile,
    program: process.execPath,
    proxyPort: config.proxy.port,
    group: config.intercept.group,
    nowhere: NOWHERE,
    now: () => performance.now(),
  };
}

function openNative(): DarwinNative | string {
  try {
    return openDarwinNative();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
