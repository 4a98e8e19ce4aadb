import { describe, expect, test } from 'bun:test';
import type { Host } from '../../src/model/brand.ts';
import { SNIFF_MAX_BYTES, type Sniffed, Sniffer } from '../../src/sniff/sniffer.ts';
import { hello, helloMessage, inRecords, padding, serverName, sniff } from './hello.ts';

const EMPTY = Uint8Array.of(22, 3, 1, 0, 0);
const plain = { extensions: [serverName('a.example')] };
const joined = (...parts: (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

/** A hello whose message has exactly `size` bytes, padded; the name comes last so that it lies in the last record. */
function helloOfSize(size: number): Uint8Array {
  const name = serverName('a.example');
  const rest = size - helloMessage({ extensions: [padding(0), name] }).length;
  return helloMessage({ extensions: [padding(rest), name] });
}

function drip(bytes: Uint8Array): Sniffed {
  const sniffer = new Sniffer();
  let outcome = sniffer.push(new Uint8Array(0));
  for (let at = 0; at < bytes.length && outcome.state === 'need_more'; at++)
    outcome = sniffer.push(bytes.subarray(at, at + 1));
  return sniffer.giveUp();
}

describe('sizes', () => {
  test.each([1800, 8192, 16_383, 16_384, 16_385, 20_000, 40_000])(
    'reads a hello padded to %d bytes, whole and byte by byte',
    (size) => {
      const bytes = inRecords(helloOfSize(size));
      expect(sniff(bytes)).toMatchObject({ host: 'a.example' as Host, malformed: null });
      expect(drip(bytes)).toEqual(sniff(bytes) as Sniffed);
    },
  );

  test('reads a hello that fills the limit, and refuses one a byte longer', () => {
    const records = Math.ceil(SNIFF_MAX_BYTES / 16_389);
    const largest = SNIFF_MAX_BYTES - 5 * records;
    const fits = inRecords(helloOfSize(largest));
    expect(fits.length).toBe(SNIFF_MAX_BYTES);
    expect(sniff(fits)).toMatchObject({ host: 'a.example' as Host });
    expect(drip(fits)).toMatchObject({ host: 'a.example' as Host });
    const tooLong = inRecords(helloOfSize(largest + 1));
    expect(sniff(tooLong)).toMatchObject({
      host: null,
      malformed: 'the ClientHello is longer than 65536 bytes',
    });
    expect(drip(tooLong)).toEqual(sniff(tooLong) as Sniffed);
  });

  test('refuses a hello that announces more than the limit at its fourth byte', () => {
    const bytes = Uint8Array.of(22, 3, 1, 0, 4, 1, 1, 0, 0);
    expect(sniff(bytes)).toMatchObject({
      protocol: 'tls',
      malformed: 'the ClientHello is longer than 65536 bytes',
    });
  });

  test('stops at the limit when a hello comes in ever so small records', () => {
    const bytes = inRecords(helloOfSize(16_384), 1);
    expect(sniff(bytes)).toMatchObject({
      protocol: 'tls',
      malformed: 'the ClientHello is longer than 65536 bytes',
    });
  });
});

describe('records', () => {
  test.each([0x0300, 0x0301, 0x0302, 0x0303, 0x0304, 0x03ff])(
    'reads a hello in records of version %d',
    (version) => {
      expect(sniff(inRecords(helloMessage(plain), 50, version))).toMatchObject({ host: 'a.example' as Host });
    },
  );

  test('lets 32 empty records pass and no more, wherever they stand', () => {
    const message = helloMessage(plain);
    const [first, second] = [inRecords(message.subarray(0, 30)), inRecords(message.subarray(30))];
    const empties = (count: number): number[] => Array.from({ length: count }, () => [...EMPTY]).flat();
    expect(sniff(joined(empties(16), first, empties(16), second))).toMatchObject({
      host: 'a.example' as Host,
    });
    for (const bytes of [
      joined(empties(33), first, second),
      joined(empties(17), first, empties(16), second),
      joined(empties(10_000)),
    ]) {
      expect(sniff(bytes)).toMatchObject({
        protocol: 'tls',
        host: null,
        malformed: 'too many empty TLS records',
      });
    }
  });

  test.each([
    ['an alert', [21, 3, 1, 0, 2, 1, 0]],
    ['application data', [23, 3, 3, 0, 1, 0]],
    ['a record of another protocol', [22, 4, 1, 0, 1, 0]],
  ])('refuses %s inside the hello', (_, record) => {
    const bytes = joined(inRecords(helloMessage(plain).subarray(0, 20)), record);
    expect(sniff(bytes)).toMatchObject({
      protocol: 'tls',
      malformed: 'a TLS record inside the ClientHello is of another kind',
    });
  });

  test('refuses a record of 16385 bytes from its header', () => {
    expect(sniff(Uint8Array.of(22, 3, 1, 0x40, 1))).toMatchObject({
      malformed: 'a TLS record is longer than 16384 bytes',
    });
    expect(sniff(Uint8Array.of(22, 3, 1, 0x40, 0))).toBe('undecided');
  });

  test.each([0, 2, 11, 22, 255])('refuses a handshake message of type %d as the first', (type) => {
    const message = helloMessage(plain).with(0, type);
    expect(sniff(inRecords(message))).toMatchObject({
      protocol: 'tls',
      host: null,
      malformed: 'the first TLS message is not a ClientHello',
    });
    expect(sniff(inRecords(message).subarray(0, 6))).toMatchObject({
      malformed: 'the first TLS message is not a ClientHello',
    });
  });

  test('does not look at what follows the hello', () => {
    const whole = sniff(hello(plain));
    expect(sniff(joined(hello(plain), [20, 3, 3, 0, 1, 1], [0xde, 0xad]))).toEqual(whole);
    expect(sniff(inRecords(joined(helloMessage(plain), [2, 0, 0, 0])))).toEqual(whole);
  });
});
