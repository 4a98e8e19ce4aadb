import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { lineage } from '../../../src/attribute/lineage.ts';
import { entryNumber, nextEntry, socketInode } from '../../../src/attribute/linux/proc-fd.ts';
import { readLastPid, readProcStat, readThreadGroup } from '../../../src/attribute/linux/proc-stat.ts';
import { readPasswd } from '../../../src/attribute/linux/users.ts';
import type { Pid } from '../../../src/model/brand.ts';
import type { Ancestor } from '../../../src/model/flow.ts';

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

  test('passwd: the first name of a number counts, broken lines do not', () => {
    const names = readPasswd(
      'root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\n+::::::\nbad\nann:x:1000:1000::/:/bin/sh\nx:x:-1:1:::\n',
    );
    expect([...names]).toEqual([
      [0, 'root'],
      [1_000, 'ann'],
    ]);
  });
});

describe('descriptors', () => {
  test('only a link to a socket has an inode', () => {
    const of = (text: string): number => socketInode(bytes(text.padEnd(64)), text.length);
    expect(of('socket:[687065]')).toBe(687_065);
    expect(of('socket:[4294967295]')).toBe(4_294_967_295);
    for (const text of [
      '',
      'socket:[',
      'socket:[]',
      'socket:[12',
      'socket:[1x]',
      'pipe:[12]',
      '/dev/null',
      `socket:[${'9'.repeat(17)}]`,
    ])
      expect(of(text)).toBe(-1);
  });

  test('entries of a folder are walked to the end, and only numbers count', () => {
    const listing = dirents(['.', '..', '0', '17', 'self', '1048575']);
    const found: number[] = [];
    for (let at = 0; at < listing.byteLength; at = nextEntry(listing, at, listing.byteLength)) {
      const number = entryNumber(new Uint8Array(listing.buffer), at, listing.byteLength);
      if (number >= 0) found.push(number);
    }
    expect(found).toEqual([0, 17, 1_048_575]);
  });

  test('broken entries end the walk instead of going on for ever', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (raw) => {
        const view = new DataView(raw.slice().buffer);
        let steps = 0;
        for (let at = 0; at < view.byteLength; at = nextEntry(view, at, view.byteLength)) {
          entryNumber(raw, at, raw.length);
          expect(++steps).toBeLessThan(20);
        }
      }),
    );
  });
});

describe('lineage', () => {
  const of = (pid: number): Ancestor => ({ pid: pid as Pid, path: null, name: String(pid) });

  test('is the parent and then its own parents', () => {
    expect(lineage(of(3), [of(2), of(1)]).map((a) => Number(a.pid))).toEqual([3, 2, 1]);
    expect(lineage(of(1), [])).toEqual([of(1)]);
  });

  test('is cut at sixteen, and where a pid comes again', () => {
    const many = Array.from({ length: 30 }, (_, i) => of(i + 10));
    expect(lineage(of(1), many)).toHaveLength(16);
    expect(lineage(of(3), [of(2), of(3), of(1)]).map((a) => Number(a.pid))).toEqual([3, 2]);
  });
});

/** What getdents64(2) gives. */
function dirents(names: readonly string[]): DataView {
  const pieces = names.map((name) => {
    const size = (19 + name.length + 1 + 7) & ~7;
    const piece = Buffer.alloc(size);
    piece.writeUInt16LE(size, 16);
    piece.write(name, 19, 'latin1');
    return piece;
  });
  return new DataView(Uint8Array.from(Buffer.concat(pieces)).buffer);
}
