import type { CheckItem } from '../src/model/check-item.ts';
import { checkGroup } from './group.ts';
import { mainRulesProblem, pfctlWith, type Run } from './runner.ts';

/** What interception needs of this Mac, one item each; changes nothing. */
export async function checkMachine(run: Run, group: string): Promise<readonly CheckItem[]> {
  const privilege = checkPrivilege();
  // Every question to pf needs root too.
  const pf = privilege.state === 'fail' ? [] : [await checkPf(run)];
  return [privilege, ...pf, await checkGroup(run, group)];
}

function checkPrivilege(): CheckItem {
  const name = 'root';
  if (process.geteuid?.() === 0) return { name, state: 'ok', detail: 'may change pf', remedy: null };
  return { name, state: 'fail', detail: 'only root may change pf', remedy: 'run it with sudo' };
}

async function checkPf(run: Run): Promise<CheckItem> {
  const name = 'pf';
  try {
    const problem = await mainRulesProblem(pfctlWith(run));
    if (problem === null) {
      return {
        name,
        state: 'ok',
        detail: 'anchors below com.apple are evaluated, lo0 is not skipped',
        remedy: null,
      };
    }
    return {
      name,
      state: 'warn',
      detail: problem,
      remedy:
        'sudo pfctl -f /etc/pf.conf (done once at start; drops what other programs put into the main rule set)',
    };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { name, state: 'fail', detail, remedy: 'pf is part of macOS; see what /sbin/pfctl -s info says' };
  }
}
