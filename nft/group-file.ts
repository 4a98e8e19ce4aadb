/** One line of /etc/group. */
export interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
  /** A password with which everyone may join (newgrp(1)). */
  readonly hasPassword: boolean;
}

const LINES_MAX = 100_000;

/** Reads /etc/group, or /etc/gshadow, whose third field holds administrators in place of the number (gid is then 0). */
export function readGroups(text: string, file: 'group' | 'gshadow' = 'group'): GroupEntry[] {
  const lines = text.split('\n', LINES_MAX);
  if (file === 'group') return lines.map(readGroupLine).filter((entry) => entry !== null);
  return lines
    .map((line) => line.split(':'))
    .filter((fields) => fields.length === 4)
    .map(([name = '', password = '', , members = '']) => ({ name, gid: 0, ...rest(password, members) }));
}

/** Reads `name:password:gid:member,member` (group(5)); null for anything else. */
export function readGroupLine(line: string): GroupEntry | null {
  const [name, password, gid, members, extra] = line.split(':');
  if (name === undefined || name === '' || password === undefined || members === undefined) return null;
  if (extra !== undefined || gid === undefined || !/^\d{1,10}$/.test(gid)) return null;
  return { name, gid: Number(gid), ...rest(password, members) };
}

/** The users whose first group this is, from /etc/passwd (passwd(5)). */
export function readPrimaryUsers(text: string, gid: number): string[] {
  return text
    .split('\n', LINES_MAX)
    .map((line) => line.split(':'))
    .filter((fields) => fields.length === 7 && fields[3] === String(gid))
    .map(([name = '']) => name);
}

function rest(password: string, members: string): Pick<GroupEntry, 'members' | 'hasPassword'> {
  return {
    members: members.split(',').filter((member) => member !== ''),
    // `x` points to gshadow; `*` and `!` lock; empty means that only members may join.
    hasPassword: !(
      password === '' ||
      password === 'x' ||
      password.startsWith('*') ||
      password.startsWith('!')
    ),
  };
}
