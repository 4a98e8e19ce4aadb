import type { CheckItem } from '../src/model/check-item.ts';
import { type ProgramResult, programError } from '../src/system/run-program.ts';
import { parseDsclNumbers } from './parse.ts';
import type { Run } from './runner.ts';

const DSCL = '/usr/bin/dscl';
const DSCL_TIMEOUT_MS = 10_000;
/** Where daemons of others put theirs, below what macOS gives to people (501) and above most of its own. */
const GID_FIRST = 350;
const GID_LAST = 450;

/**
 * Finds the group in the local directory, and makes it with a free number of 350 to 450 when there is none. Returns its
 * number. Throws with the remedy when it cannot, when the number is 0, or when another group has the same number.
 */
export async function ensureGroup(run: Run, name: string): Promise<{ readonly gid: number }> {
  const groups = await listNumbers(run, '/Groups');
  const gid = groups.get(name) ?? (await createGroup(run, name, groups));
  const now = groups.has(name) ? groups : await listNumbers(run, '/Groups');
  const owners = [...now].filter(([, number]) => number === gid).map(([owner]) => owner);
  if (now.get(name) !== gid) throw new Error(`group ${name} was not made; ${remedy(name)}`);
  if (gid <= 0) throw new Error(`group ${name} has the number ${gid}; choose another in intercept.group`);
  if (owners.length > 1) {
    throw new Error(`the number ${gid} is used by the groups ${owners.join(' and ')}; ${remedy(name)}`);
  }
  return { gid };
}

/** Whether the group exists, and whether somebody other than the engine can be in it. */
export async function groupUse(run: Run, name: string): Promise<'absent' | 'unused' | 'used'> {
  if (!(await listNumbers(run, '/Groups')).has(name)) return 'absent';
  return (await checkGroup(run, name)).state === 'ok' ? 'unused' : 'used';
}

/** Takes the group away. Throws when dscl fails. */
export async function removeGroup(run: Run, name: string): Promise<void> {
  const result = await dscl(run, ['.', '-delete', `/Groups/${name}`]);
  if (result.code !== 0) throw new Error(`group ${name} could not be removed: ${programError(result)}`);
}

/** Says who else could make sockets that the rules take for our own. Changes nothing. */
export async function checkGroup(run: Run, name: string): Promise<CheckItem> {
  const item = (state: CheckItem['state'], detail: string, what: string | null): CheckItem => ({
    name: `group ${name}`,
    state,
    detail,
    remedy: what,
  });
  try {
    const gid = (await listNumbers(run, '/Groups')).get(name);
    if (gid === undefined) return item('ok', 'does not exist yet; it is made at the first start', null);
    const members = await membersOf(run, name);
    const users = [...(await listNumbers(run, '/Users'))].flatMap(([user, number]) =>
      number === gid ? [user] : [],
    );
    const others = [...new Set([...members, ...users])];
    if (others.length === 0) return item('ok', `gid ${gid}, nobody is in it`, null);
    return item(
      'warn',
      `gid ${gid}; its traffic is not filtered, and these users can take it: ${others.join(', ')}`,
      `leave the group to the firewall alone: sudo dseditgroup -o edit -d USER -t user ${name}`,
    );
  } catch (error) {
    return item('unknown', error instanceof Error ? error.message : String(error), null);
  }
}

/** The lowest number of the range that no group has; null when all are taken. */
export function freeGid(groups: ReadonlyMap<string, number>): number | null {
  const taken = new Set(groups.values());
  for (let gid = GID_FIRST; gid <= GID_LAST; gid++) if (!taken.has(gid)) return gid;
  return null;
}

async function createGroup(run: Run, name: string, groups: ReadonlyMap<string, number>): Promise<number> {
  // A number that is a user's first group would let that user past the firewall.
  const users = await listNumbers(run, '/Users');
  const gid = freeGid(
    new Map([...groups, ...[...users].map(([user, number]) => [`user ${user}`, number] as const)]),
  );
  if (gid === null)
    throw new Error(`no free group number between ${GID_FIRST} and ${GID_LAST}; ${remedy(name)}`);
  for (const args of [[], ['PrimaryGroupID', String(gid)]]) {
    const result = await dscl(run, ['.', '-create', `/Groups/${name}`, ...args]);
    if (result.code !== 0)
      throw new Error(`group ${name} was not made: ${programError(result)}; ${remedy(name)}`);
  }
  return gid;
}

async function membersOf(run: Run, name: string): Promise<string[]> {
  const result = await dscl(run, ['.', '-read', `/Groups/${name}`, 'GroupMembership']);
  const names = /^GroupMembership:(.*)$/m.exec(result.stdout)?.[1] ?? '';
  return names.split(/\s+/).filter((member) => member !== '');
}

async function listNumbers(run: Run, path: '/Groups' | '/Users'): Promise<ReadonlyMap<string, number>> {
  const result = await dscl(run, ['.', '-list', path, 'PrimaryGroupID']);
  if (result.code !== 0) throw new Error(`cannot list ${path}: ${programError(result)}`);
  return parseDsclNumbers(result.stdout);
}

function dscl(run: Run, args: readonly string[]): Promise<ProgramResult> {
  return run({ path: DSCL, args, timeoutMs: DSCL_TIMEOUT_MS });
}

function remedy(name: string): string {
  return `make it by hand: sudo dscl . -create /Groups/${name} PrimaryGroupID NUMBER`;
}
