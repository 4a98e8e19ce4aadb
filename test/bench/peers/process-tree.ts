import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ (proc(5)); 100 on every architecture Linux runs on today. */
const TICKS_PER_SECOND = 100;

/** What a program and all its children have used so far. */
export interface Usage {
  /** User and system time of all threads, to ten milliseconds. */
  readonly cpuSeconds: number;
  readonly residentKb: number;
}

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly cpuSeconds: number;
}

/** Adds up a process and its descendants from /proc. Those that ended are not counted: none of the subjects' do. */
export function usageOf(root: number): Usage {
  const stats = allStats();
  const tree = new Set([root]);
  for (let grown = true; grown; ) {
    const before = tree.size;
    for (const { pid, parent } of stats) if (tree.has(parent)) tree.add(pid);
    grown = tree.size > before;
  }
  let cpuSeconds = 0;
  let residentKb = 0;
  for (const stat of stats) {
    if (!tree.has(stat.pid)) continue;
    cpuSeconds += stat.cpuSeconds;
    residentKb += residentKbOf(stat.pid);
  }
  return { cpuSeconds, residentKb };
}

function allStats(): Stat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat !== null);
}

function statOf(pid: number): Stat | null {
  const text = textOf(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything, so fields are counted from its end: state is the third.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields.length < 20) return null;
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { pid, parent: Number(fields[1]), cpuSeconds: ticks / TICKS_PER_SECOND };
}

function residentKbOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // It ended in the meantime.
  }
}
