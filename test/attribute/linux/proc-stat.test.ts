import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { readLastPid, readProcStat, readThreadGroup } from '../../../src/attribute/linux/proc-stat.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

// cat /proc/self/stat, Linux 6.18.
const STAT =
  '13133 (cat) R 13126 13133 13133 0 -1 4194304 54 0 0 0 0 0 0 0 20 0 1 0 185980 2703360 288 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n';

describe('/proc/PID/stat', () => {
  test('has the name, the parent and the start', () => {
    expect(readProcStat(STAT)).toEqual({ comm: 'cat', parentPid: 13_126, startTicks: 185_980 });
  });

  test('a name that imitates the fields after it is only a name', () => {
    const hostile = STAT.replace('(cat)', '(x) R 1 1 (y)');
    expect(readProcStat(hostile)).toEqual({ comm: 'x) R 1 1 (y', parentPid: 13_126, startTicks: 185_980 });
    expect(readProcStat(STAT.replace('(cat)', '(a\nb)'))?.comm).toBe('a\nb');
  });

  test('cut text is null until the start is there, and nothing throws', () => {
    for (let size = 0; size < STAT.length; size++) {
      const stat = readProcStat(STAT.slice(0, size));
      if (stat !== null) expect(stat.parentPid).toBe(13_126);
    }
    fc.assert(fc.property(fc.string(), (text) => void readProcStat(text)));
    expect(readProcStat('1 (a) R x')).toBeNull();
  });
});

describe('other texts of /proc', () => {
  test('status names the process of a thread', () => {
    expect(readThreadGroup('Name:\tx\nTgid:\t77\nNgid:\t0\nPid:\t78\n')).toBe(77);
    expect(readThreadGroup('Name:\tTgid: 5\n')).toBeNull();
  });

  test('loadavg ends in the last pid', () => {
    const line = bytes('0.00 0.01 0.05 1/123 13133\n');
    expect(readLastPid(line, line.length)).toBe(13_133);
    expect(readLastPid(line, line.length - 1)).toBe(13_133);
    expect(readLastPid(line, 0)).toBe(0);
    expect(readLastPid(bytes('12'), 2)).toBe(0);
    expect(readLastPid(bytes('1/2x'), 4)).toBe(0);
  });
});
