import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { normalizeHost } from '../../src/model/host.ts';
import { type Sniffed, Sniffer } from '../../src/sniff/sniffer.ts';
import { bytesOf, CAPTURES } from './captures.ts';
import { hello, serverName } from './hello.ts';

const MUTATIONS = 200_000;
const SEEDS = CAPTURES.map((capture) => bytesOf(capture.file));
const capture = fc.constantFrom(...SEEDS);
const bytes = fc.uint8Array({ maxLength: 600 });

function given(...parts: Uint8Array[]): Sniffed {
  const sniffer = new Sniffer();
  for (const part of parts) sniffer.push(part);
  return sniffer.giveUp();
}

/** What holds for any input: a name is a name, and nothing malformed has one. */
function check(sniffed: Sniffed): void {
  if (sniffed.host !== null && (sniffed.malformed !== null || normalizeHost(sniffed.host) !== sniffed.host)) {
    throw new Error(`a name that cannot be: ${JSON.stringify(sniffed)}`);
  }
  if (sniffed.protocol !== 'tls' && (sniffed.sni !== null || sniffed.ja4r !== null || sniffed.ech)) {
    throw new Error(`TLS facts without TLS: ${JSON.stringify(sniffed)}`);
  }
  if (sniffed.protocol !== 'http' && sniffed.httpHost !== null) throw new Error('a Host header without HTTP');
  if ((sniffed.sni?.length ?? 0) > 255 || (sniffed.httpHost?.length ?? 0) > 300)
    throw new Error('a name without bound');
}

function pieces(whole: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length];
  return at.slice(1).map((end, i) => whole.slice(at[i], end));
}

test('random bytes give an answer', () => {
  fc.assert(
    fc.property(bytes, (random) => check(given(random))),
    { numRuns: 2000 },
  );
});

test('random bytes behind the start of a TLS record give an answer', () => {
  fc.assert(
    fc.property(bytes, (random) => check(given(Uint8Array.of(22, 3, 1), random))),
    { numRuns: 2000 },
  );
});

test('the start of a real client with a random tail gives an answer', () => {
  fc.assert(
    fc.property(capture, fc.nat(2000), bytes, (real, cut, tail) => check(given(real.subarray(0, cut), tail))),
    { numRuns: 5000 },
  );
});

test('any fragmentation gives the answer of one push', () => {
  const input = fc.oneof(
    capture,
    bytes,
    fc
      .tuple(capture, fc.nat(2000), bytes)
      .map(([real, cut, tail]) => Uint8Array.from([...real.subarray(0, cut), ...tail])),
  );
  fc.assert(
    fc.property(input, fc.array(fc.nat(3000), { maxLength: 20 }), (whole, cuts) => {
      expect(given(...pieces(whole, cuts))).toEqual(given(whole));
    }),
    { numRuns: 5000 },
  );
});

test('any text as a server name gives an answer, and the name is kept as sent', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 60, unit: 'binary' }), (name) => {
      const sniffed = given(hello({ extensions: [serverName(name)] }));
      check(sniffed);
      expect(sniffed.sni).toBe(name);
      expect(sniffed.host).toBe(normalizeHost(name));
    }),
    { numRuns: 3000 },
  );
});

/** A small generator of its own, so that the same mutations come every time. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function mutate(source: Uint8Array, pick: (below: number) => number): Uint8Array {
  let bytes: Uint8Array = source.slice();
  for (let n = pick(4); n >= 0; n--) {
    const at = pick(bytes.length || 1);
    // Half of the mutations hit the first 200 bytes, where the lengths are.
    const spot = pick(2) === 0 ? at : at % 200;
    switch (pick(5)) {
      case 0:
        bytes[spot] = pick(256);
        break;
      case 1:
        bytes[spot] = (bytes[spot] ?? 0) ^ (1 << pick(8));
        break;
      case 2:
        bytes = bytes.slice(0, at);
        break;
      case 3:
        bytes = Uint8Array.from([...bytes.subarray(0, spot), ...bytes.subarray(spot + 1 + pick(4))]);
        break;
      default:
        bytes.copyWithin(spot, at, at + pick(64));
    }
  }
  return bytes;
}

test(`${MUTATIONS} mutated clients give an answer each`, () => {
  const pick = generator(20_261_120);
  const seen = new Map<string, number>();
  for (let i = 0; i < MUTATIONS; i++) {
    const source = SEEDS[i % SEEDS.length];
    if (source === undefined) throw new Error('no capture');
    const mutated = mutate(source, pick);
    const cut = pick(mutated.length + 1);
    const sniffed = given(mutated.subarray(0, cut), mutated.subarray(cut));
    check(sniffed);
    const kind = sniffed.malformed ?? sniffed.protocol;
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
  }
  // The mutations reach the answers and the complaints alike; if they did not, this would prove nothing.
  for (const kind of [
    'tls',
    'http',
    'unknown',
    'a length in the ClientHello is wrong',
    'the ClientHello is not finished',
  ]) {
    expect(seen.get(kind) ?? 0).toBeGreaterThan(1000);
  }
  expect(seen.size).toBeGreaterThan(12);
}, 60_000);
