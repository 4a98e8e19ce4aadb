import { expect, test } from 'bun:test';
import type { Host } from '../../src/model/brand.ts';
import { SNIFF_MAX_BYTES, Sniffer } from '../../src/sniff/sniffer.ts';
import { hello, helloMessage, inRecords, padding, serverName, utf8 } from './hello.ts';

const HELLO = hello({ extensions: [serverName('a.example')] });

test('calls a client that said nothing silent', () => {
  expect(new Sniffer().giveUp()).toMatchObject({
    protocol: 'silent',
    sni: null,
    host: null,
    malformed: null,
  });
  const empty = new Sniffer();
  expect(empty.push(new Uint8Array(0))).toEqual({ state: 'need_more' });
  expect(empty.giveUp().protocol).toBe('silent');
  expect(empty.buffered()).toHaveLength(0);
});

test('keeps its own copy: the memory handed in may be used again', () => {
  const shared = new Uint8Array(64);
  const sniffer = new Sniffer();
  for (let at = 0; at < HELLO.length; at += shared.length) {
    const part = HELLO.subarray(at, at + shared.length);
    shared.set(part);
    sniffer.push(shared.subarray(0, part.length));
    shared.fill(0xee);
  }
  expect(sniffer.giveUp()).toMatchObject({ sni: 'a.example' });
  expect(sniffer.buffered()).toEqual(HELLO);
});

test('keeps its own copy of a node Buffer too, whose slice shares memory', () => {
  const buffer = Buffer.from(HELLO);
  const sniffer = new Sniffer();
  sniffer.push(buffer);
  buffer.fill(0);
  expect(sniffer.buffered()).toEqual(HELLO);
});

test('keeps what comes after the answer, and does not change the answer', () => {
  const sniffer = new Sniffer();
  const first = sniffer.push(HELLO);
  expect(sniffer.push(utf8('more'))).toBe(first);
  expect(sniffer.giveUp()).toMatchObject({ host: 'a.example' as Host });
  expect(sniffer.buffered()).toEqual(Uint8Array.from([...HELLO, ...utf8('more')]));
});

test('keeps to its word after giving up', () => {
  const sniffer = new Sniffer();
  sniffer.push(HELLO.subarray(0, 20));
  const given = sniffer.giveUp();
  expect(sniffer.push(HELLO.subarray(20))).toEqual({ state: 'done', sniffed: given });
  expect(sniffer.giveUp()).toBe(given);
  expect(sniffer.buffered()).toEqual(HELLO);
});

test('hands out the same memory each time: no copy for the reader', () => {
  const sniffer = new Sniffer();
  sniffer.push(HELLO);
  expect(sniffer.buffered().buffer).toBe(sniffer.buffered().buffer);
});

test('loses no byte of a push that is larger than the limit', () => {
  const tail = new Uint8Array(2 * SNIFF_MAX_BYTES).map((_, i) => i & 0xff);
  const sniffer = new Sniffer();
  sniffer.push(HELLO.subarray(0, 50));
  sniffer.push(Uint8Array.from([...HELLO.subarray(50), ...tail]));
  expect(sniffer.buffered().subarray(HELLO.length)).toEqual(tail);
});

// At one look a byte this is 65,536 steps a client; parsing anew at every byte would be four thousand million, past the time limit.
test('reads a 64 KB hello sent byte by byte, forty times over', () => {
  const bytes = inRecords(helloMessage({ extensions: [padding(60_000), serverName('a.example')] }));
  for (let round = 0; round < 40; round++) {
    const sniffer = new Sniffer();
    for (let at = 0; at < bytes.length; at++) sniffer.push(bytes.subarray(at, at + 1));
    expect(sniffer.giveUp()).toMatchObject({ host: 'a.example' as Host });
  }
});
