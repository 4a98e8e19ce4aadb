import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { entryNumber, nextEntry, socketInode } from '../../../src/attribute/linux/proc-fd.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

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
