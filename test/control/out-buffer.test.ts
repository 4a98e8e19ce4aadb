import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { OutBuffer } from '../../src/control/out-buffer.ts';

test('bytes come out in their order, however little the socket takes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 20 }),
      fc.array(fc.integer({ min: -1, max: 12 }), { minLength: 1, maxLength: 60 }),
      (texts, takes) => {
        const out: number[] = [];
        let turn = 0;
        const buffer = new OutBuffer((bytes) => {
          const taken = Math.min(takes[turn++ % takes.length] ?? 0, bytes.length);
          if (taken > 0) out.push(...bytes.subarray(0, taken));
          return taken;
        });
        for (const text of texts) {
          buffer.push(text);
          if (turn % 3 === 0) buffer.drain();
        }
        const wanted = [...new TextEncoder().encode(texts.join(''))];
        expect(out).toEqual(wanted.slice(0, out.length));
        expect(buffer.sizeBytes).toBe(wanted.length - out.length);
        expect(buffer.drain()).toBe(buffer.sizeBytes === 0);
      },
    ),
  );
});
