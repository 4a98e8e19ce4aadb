// Prints what sniffing costs, in nanoseconds a connection: `npm run bench:sniff -- [REPEATS]`.
import { readFileSync } from 'node:fs';
import { Sniffer } from '../../src/sniff/sniffer.ts';

const ROUNDS = 5;
const REPEATS = Number(process.argv[2] ?? 50_000);
const FIXTURES = new URL('../fixtures/sniff/', import.meta.url);

function bench(name: string, file: string, cut: number, repeats: number): void {
  const bytes = new Uint8Array(readFileSync(new URL(file, FIXTURES)));
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += cut) pieces.push(bytes.slice(at, at + cut));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = Bun.nanoseconds();
    for (let i = 0; i < repeats; i++) {
      const sniffer = new Sniffer();
      for (const piece of pieces) sniffer.push(piece);
      if (sniffer.giveUp().protocol === 'unknown') throw new Error(`${file} was not recognised`);
    }
    best = Math.min(best, (Bun.nanoseconds() - start) / repeats);
  }
  process.stdout.write(`${name.padEnd(44)}${Math.round(best).toString().padStart(9)} ns\n`);
}

bench('ClientHello of openssl, one push', 'openssl-tls13.bin', 1e6, REPEATS);
bench('ClientHello of curl, one push', 'curl-https.bin', 1e6, REPEATS);
bench('ClientHello of Chromium (1920 B), one push', 'chromium.bin', 1e6, REPEATS);
bench('ClientHello of Chromium, two segments', 'chromium.bin', 1448, REPEATS);
bench('ClientHello of Chromium, byte by byte', 'chromium.bin', 1, REPEATS / 100);
bench('HTTP request of curl, one push', 'curl-http.bin', 1e6, REPEATS);
bench('HTTP request of Chromium, one push', 'chromium-http.bin', 1e6, REPEATS);
