/** Ports of the plain TCP services, on every address of the internet. */
export const PORTS = {
  ssh: 22,
  smtp: 25,
  /** The registry of .ee: what is below `young-…` was registered yesterday, the rest in 2010. */
  whois: 43,
  http: 80,
  https: 443,
  /** Answers `BYTES SHA256` once the client has ended its side. */
  digest: 7001,
  /** Sends `SPEECH_BYTES` and ends its side at once, then reads until the client ends. */
  speech: 7002,
  /** Sends back what comes. */
  echo: 7003,
} as const;

/** Connections that may wait to be accepted; the kernel caps it at net.core.somaxconn. */
export const BACKLOG = 4_096;

/** UDP ports that send back what comes, on the address of the name server. */
export const UDP_PORTS = [443, 7000] as const;

/** What the `speech` service sends before it ends its side. */
export const SPEECH_BYTES = 65_536;

/** One connection as the server saw it. */
export interface Accepted {
  /** The server's own end. */
  readonly ip: string;
  readonly port: number;
  readonly peerIp: string;
  readonly peerPort: number;
  /** Payload the client sent so far; for TLS that is ciphertext. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly ended: boolean;
  /** SHA-256 of the payload, once ended; null for TLS and HTTP. */
  readonly sha256: string | null;
}

/** What the test asks of the internet; each answer is `Answer`. */
export type Ask =
  | {
      readonly method: 'name';
      readonly name: string;
      readonly a: readonly string[];
      readonly aaaa: readonly string[];
    }
  /** What the web servers answer for a path from now on, on every address. */
  | { readonly method: 'text'; readonly path: string; readonly text: string }
  | { readonly method: 'accepted'; readonly ip: string }
  | { readonly method: 'queries'; readonly name: string };

/** The answer to an `Ask` with the same id: `accepted` for that method, `count` for `queries`, null for `name`. */
export interface Answer {
  readonly id: number;
  readonly result: readonly Accepted[] | number | null;
}
