import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { CheckItem } from '../src/model/check-item.ts';
import { programError, runProgram, systemProgram } from '../src/system/run-program.ts';
import { type GroupEntry, readGroupLine, readGroups, readPrimaryUsers } from './group-file.ts';

const TOOL_TIMEOUT_MS = 5_000;
const SETGID = 0o2000;
const BIN_DIRS = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin'];
/** Files of one folder that are looked at for the set-group-id bit. */
const FILES_MAX = 20_000;

/**
 * Finds the group, in /etc/group or wherever else the machine keeps groups, and makes it a system group when there is none.
 * Throws with the remedy when it cannot, or when its number is 0.
 */
export async function ensureGroup(name: string): Promise<{ readonly gid: number }> {
  const found = (await findGroup(name)) ?? (await createGroup(name));
  if (found.gid === 0) {
    throw new Error(
      `group ${name} has the number 0, which would exempt all of root's traffic; choose another in intercept.group`,
    );
  }
  return { gid: found.gid };
}

/** Whether the group exists, and whether somebody other than the engine can be in it. */
export async function groupUse(name: string): Promise<'absent' | 'unused' | 'used'> {
  const group = await findGroup(name);
  if (group === null) return 'absent';
  return outsiders(group).length > 0 ? 'used' : 'unused';
}

/** Takes the group away. Throws when groupdel fails. */
export async function removeGroup(name: string): Promise<void> {
  const groupdel = systemProgram('groupdel');
  const tool = groupdel ?? systemProgram('delgroup');
  if (tool === null) throw new Error(`no groupdel to remove group ${name}`);
  const result = await runProgram({ path: tool, args: [name], timeoutMs: TOOL_TIMEOUT_MS });
  if (result.code !== 0) throw new Error(`group ${name} could not be removed: ${programError(result)}`);
}

/** Says who else could make sockets that the rules take for our own. Changes nothing. */
export async function checkGroup(name: string): Promise<CheckItem> {
  const item = (state: CheckItem['state'], detail: string, remedy: string | null): CheckItem => ({
    name: `group ${name}`,
    state,
    detail,
    remedy,
  });
  const group = await findGroup(name);
  if (group === null) return item('ok', 'does not exist yet; it is made at the first start', null);
  const others = outsiders(group);
  if (others.length === 0) return item('ok', `gid ${group.gid}, nobody is in it`, null);
  return item(
    'warn',
    `gid ${group.gid}; its traffic is not filtered, and it can be taken by ${others.join(', ')}`,
    `leave the group to the firewall alone: gpasswd -d USER ${name}, chmod g-s FILE, gpasswd -R ${name}`,
  );
}

async function findGroup(name: string): Promise<GroupEntry | null> {
  const local = readGroups(textOf('/etc/group')).find((group) => group.name === name);
  if (local !== undefined) return local;
  // Other sources (LDAP, sssd, systemd) are asked through a program of their own: they may be slow, and load foreign code.
  const getent = systemProgram('getent');
  if (getent === null) return null;
  const result = await runProgram({ path: getent, args: ['group', name], timeoutMs: TOOL_TIMEOUT_MS });
  const entry = result.code === 0 ? readGroupLine(result.stdout.trim()) : null;
  return entry?.name === name ? entry : null;
}

async function createGroup(name: string): Promise<GroupEntry> {
  const remedy = `make it by hand: groupadd --system ${name}`;
  const groupadd = systemProgram('groupadd');
  const tool = groupadd ?? systemProgram('addgroup');
  if (tool === null) throw new Error(`group ${name} does not exist and there is no groupadd; ${remedy}`);
  const args = groupadd === null ? ['-S', name] : ['--system', name];
  const result = await runProgram({ path: tool, args, timeoutMs: TOOL_TIMEOUT_MS });
  const made = await findGroup(name);
  if (made === null) throw new Error(`group ${name} could not be made: ${programError(result)}; ${remedy}`);
  return made;
}

function outsiders(group: GroupEntry): string[] {
  const shared = readGroups(textOf('/etc/group')).filter((g) => g.gid === group.gid && g.name !== group.name);
  const password = readGroups(textOf('/etc/gshadow'), 'gshadow').find(
    (g) => g.name === group.name,
  )?.hasPassword;
  return [
    ...group.members.map((member) => `its member ${member}`),
    ...readPrimaryUsers(textOf('/etc/passwd'), group.gid).map(
      (user) => `user ${user}, whose first group it is`,
    ),
    ...shared.map((g) => `members of group ${g.name}, which has the same number`),
    ...(password === true || group.hasPassword ? ['everyone who knows its password'] : []),
    ...BIN_DIRS.flatMap((dir) => setgidFiles(dir, group.gid)).map(
      (file) => `users of ${file}, which is set-group-id`,
    ),
  ];
}

function setgidFiles(dir: string, gid: number): string[] {
  let names: string[];
  try {
    names = readdirSync(dir).slice(0, FILES_MAX);
  } catch {
    return []; // Not every system has all of these folders.
  }
  return names
    .map((name) => `${dir}/${name}`)
    .filter((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat !== undefined && stat.gid === gid && (stat.mode & SETGID) !== 0 && stat.isFile();
    });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // Absent, or not ours to read: then it tells nothing, and the other sources still do.
  }
}
