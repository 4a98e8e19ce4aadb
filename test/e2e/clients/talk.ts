import { z } from 'zod';
import type { World } from '../world/world.ts';

const LIMIT_MS = 60_000;

const talkedSchema = z.object({
  outcome: z.enum(['ended', 'reset', 'refused', 'unreachable', 'timeout']),
  connectMs: z.number().nullable(),
  ms: z.number(),
  received: z.int(),
  sha256: z.string(),
  text: z.string(),
});

/** What a plain client does; described in talk.py. */
export interface Talk {
  readonly ip: string;
  readonly port: number;
  readonly text?: string;
  readonly file?: string;
  readonly pieces?: number;
  readonly silenceMs?: number;
  readonly listen?: true;
  readonly end?: true;
}

/** How it went. */
export type Talked = z.infer<typeof talkedSchema>;

/** Runs one plain TCP client on the machine. */
export async function talk(world: World, args: Talk): Promise<Talked> {
  return talkedSchema.parse(await script(world, 'talk.py', args));
}

const helloedSchema = z.object({
  /** `alert`: the TLS library refused what the server said. */
  outcome: z.enum(['answered', 'reset', 'ended', 'refused', 'timeout', 'alert']),
  helloBytes: z.int(),
  connectMs: z.number().nullable(),
  ms: z.number(),
  fingerprint: z.string().nullable(),
  body: z.string().nullable(),
});

/** What a TLS client does with its first bytes; described in hello.py. */
export interface Hello {
  readonly ip: string;
  /** Default 443. */
  readonly port?: number;
  readonly name: string | null;
  readonly sni?: string;
  readonly pieces?: number;
  readonly records?: number;
  readonly alpnBytes?: number;
  readonly silenceMs?: number;
  readonly pauseAfter?: number;
  readonly pauseMs?: number;
  readonly cutAfter?: number;
  readonly giveUpMs?: number;
}

export type Helloed = z.infer<typeof helloedSchema>;

/** Runs one TLS client on the machine. */
export async function hello(world: World, args: Hello): Promise<Helloed> {
  const full = { port: 443, ca: world.certificates.ca, ...args };
  return helloedSchema.parse(await script(world, 'hello.py', full));
}

const datagramSchema = z.object({
  outcome: z.enum(['answered', 'refused', 'silence']),
  ms: z.number(),
  text: z.string().nullable(),
});

/** Sends one datagram and waits for the answer. */
export async function datagram(
  world: World,
  args: { readonly ip: string; readonly port: number; readonly text: string },
): Promise<z.infer<typeof datagramSchema>> {
  return datagramSchema.parse(await script(world, 'udp.py', args));
}

/** Where a server says it was reached, and what for: the body of `GET /`. */
export function whereOf(body: string | null): {
  ip: string;
  port: number;
  sni: string | null;
  host: string | null;
} {
  return z
    .object({ ip: z.string(), port: z.int(), sni: z.string().nullable(), host: z.string().nullable() })
    .parse(JSON.parse(body ?? 'null'));
}

async function script(world: World, name: string, args: object): Promise<unknown> {
  const ran = await world.program(['python3', `${import.meta.dir}/${name}`, JSON.stringify(args)], {
    limitMs: LIMIT_MS,
  });
  if (ran.code !== 0) throw new Error(`${name}: exit code ${ran.code}: ${ran.stderr.trim()}`);
  return JSON.parse(ran.stdout);
}
