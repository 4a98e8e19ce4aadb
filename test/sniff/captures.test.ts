import { expect, test } from 'bun:test';
import { ja4 } from '../../src/sniff/ja4.ts';
import { type Sniffed, Sniffer } from '../../src/sniff/sniffer.ts';
import { bytesOf, CAPTURES, messageOf, TLS_CAPTURES } from './captures.ts';
import { inRecords, sniff } from './hello.ts';

const sha256 = (text: string): string => new Bun.CryptoHasher('sha256').update(text).digest('hex');

test.each(CAPTURES.map((capture) => [capture.file, capture] as const))('reads %s', (file, capture) => {
  const sniffed = sniff(bytesOf(file)) as Sniffed;
  expect(sniffed).toMatchObject(capture.sniffed);
  expect(sniffed.ja4r === null ? undefined : ja4(sniffed.ja4r, sha256)).toBe(capture.ja4);
});

test.each(CAPTURES.map((capture) => [capture.file, capture] as const))(
  'waits at every cut of %s and decides at its last byte',
  (file, capture) => {
    const bytes = bytesOf(file);
    const head = capture.head ?? bytes.length;
    const whole = sniff(bytes);
    const drip = new Sniffer();
    for (let cut = 0; cut < head; cut++) {
      expect(sniff(bytes.subarray(0, cut))).toBe('undecided');
      const rest = new Sniffer();
      rest.push(bytes.subarray(0, cut));
      expect(rest.push(bytes.subarray(cut))).toEqual({ state: 'done', sniffed: whole as Sniffed });
      const last = drip.push(bytes.subarray(cut, cut + 1));
      expect(last.state).toBe(cut + 1 === head ? 'done' : 'need_more');
    }
    expect(drip.giveUp()).toEqual(whole as Sniffed);
    expect(drip.buffered()).toEqual(bytes.subarray(0, head));
  },
);

test.each(TLS_CAPTURES.map((capture) => capture.file))(
  'says of a cut %s that it is unfinished, and names no host',
  (file) => {
    const bytes = bytesOf(file);
    for (let cut = 2; cut < bytes.length; cut++) {
      const sniffer = new Sniffer();
      sniffer.push(bytes.subarray(0, cut));
      expect(sniffer.giveUp()).toMatchObject({
        protocol: 'tls',
        host: null,
        malformed: 'the ClientHello is not finished',
      });
    }
  },
);

test.each(TLS_CAPTURES.map((capture) => capture.file))(
  'reads %s cut into TLS records of any size',
  (file) => {
    const bytes = bytesOf(file);
    const whole = sniff(bytes);
    const message = messageOf(bytes);
    for (const size of [1, 2, 3, 4, 5, 7, 16, 100, 255, 256, 500, 1000, message.length - 1]) {
      const cut = inRecords(message, size);
      expect(sniff(cut)).toEqual(whole);
      const drip = new Sniffer();
      for (let at = 0; at < cut.length - 1; at++)
        expect(drip.push(cut.subarray(at, at + 1)).state).toBe('need_more');
      expect(drip.push(cut.subarray(cut.length - 1))).toEqual({ state: 'done', sniffed: whole as Sniffed });
    }
  },
);

test('does not take an SSH client for HTTP', () => {
  expect(sniff(bytesOf('ssh.bin'))).toMatchObject({ protocol: 'unknown', host: null, malformed: null });
});
