/** What /proc/PID/stat says that we need (proc_pid_stat(5)). */
export interface ProcStat {
  /** The kernel's short name of the program: at most 15 bytes, chosen by the program itself, hostile text. */
  readonly comm: string;
  readonly parentPid: number;
  /** Moment of its start in clock ticks since boot; with the pid it names a process for ever. */
  readonly startTicks: number;
}

// Counted after the comm: state is 0, parent 1, start time 19 (fields 3, 4 and 22).
const PARENT = 1;
const START = 19;

/** Reads one line of /proc/PID/stat; null when it is not one. The comm may hold spaces and brackets, so the last `)` ends it. */
export function readProcStat(text: string): ProcStat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 1 || close < open) return null;
  const fields = text.slice(close + 2).split(' ');
  const parentPid = Number(fields[PARENT] ?? Number.NaN);
  const startTicks = Number(fields[START] ?? Number.NaN);
  if (!Number.isSafeInteger(parentPid) || !Number.isSafeInteger(startTicks) || parentPid < 0) return null;
  return { comm: text.slice(open + 1, close), parentPid, startTicks };
}

/** The thread group of a task, from /proc/TID/status: the pid of the process that a thread belongs to. */
export function readThreadGroup(status: string): number | null {
  const tgid = /^Tgid:\t(\d{1,10})$/m.exec(status)?.[1];
  return tgid === undefined ? null : Number(tgid);
}

/** The pid that was given last, from /proc/loadavg (proc_loadavg(5)); 0 when the bytes are not such a line. */
export function readLastPid(bytes: Uint8Array, sizeBytes: number): number {
  let at = Math.min(sizeBytes, bytes.length) - 1;
  if (bytes[at] === NEWLINE) at--;
  let pid = 0;
  for (let unit = 1; at >= 0; at--, unit *= 10) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return bytes[at] === SPACE ? pid : 0;
    pid += digit * unit;
  }
  return 0;
}

const ZERO = 0x30;
const SPACE = 0x20;
const NEWLINE = 0x0a;
