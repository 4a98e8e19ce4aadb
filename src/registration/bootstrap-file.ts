import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '../files/atomic-file.ts';
import { type Bootstrap, embeddedBootstrap, parseBootstrap } from './bootstrap.ts';
import { type Network, secureGet } from './secure-get.ts';

/** Where IANA publishes the registry of RDAP services. */
export const BOOTSTRAP_URL = 'https://data.iana.org/rdap/dns.json';
/** The registry has about 75 KB. */
const BODY_MAX_BYTES = 1_048_576;
const STEP_MS = 10_000;
/** A newer registry that names less than this share of the zones is taken for a broken one. */
const SHRINK_MIN = 0.5;

const savedSchema = z.object({ etag: z.string().max(500).nullable(), registry: z.unknown() });

/** What came of fetching the registry anew. `publishedMs` is when IANA published what is now in force. */
export type BootstrapRefresh =
  | { readonly kind: 'fresh'; readonly publishedMs: number; readonly bootstrap: Bootstrap }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'failed'; readonly error: string };

/** The file in the state folder. */
export const bootstrapPath = (stateDir: string): string => join(stateDir, 'rdap-dns.json');

/** The newer one of the saved and the embedded registry. A saved file that cannot be read is passed over. */
export function loadBootstrap(stateDir: string | null): Bootstrap {
  const embedded = embeddedBootstrap();
  const saved = stateDir === null ? null : parseBootstrap(readSaved(stateDir)?.registry);
  return saved !== null && saved.publishedMs > embedded.publishedMs ? saved : embedded;
}

/** Fetches the registry, unless it is unchanged, checks it and saves it. Never rejects; on failure the old one stays. */
export async function fetchBootstrap(
  stateDir: string,
  inForce: Bootstrap,
  url: string,
  network: Network,
  signal: AbortSignal,
): Promise<BootstrapRefresh> {
  const etag = readSaved(stateDir)?.etag ?? null;
  const answer = await secureGet(new URL(url), {
    ...network,
    headers: { accept: 'application/json', ...(etag === null ? {} : { 'if-none-match': etag }) },
    bodyMaxBytes: BODY_MAX_BYTES,
    connectMs: STEP_MS,
    idleMs: STEP_MS,
    signal,
    admit: async () => null,
  });
  if (answer.kind === 'failed') return { kind: 'failed', error: `cannot fetch ${url}: ${answer.detail}` };
  if (answer.status === 304 && etag !== null) return { kind: 'unchanged' };
  if (answer.status !== 200) return { kind: 'failed', error: `${url} answered with status ${answer.status}` };
  return adopt(stateDir, inForce, url, answer.text, answer.headers.get('etag'));
}

function adopt(
  stateDir: string,
  inForce: Bootstrap,
  url: string,
  text: string,
  etag: string | undefined,
): BootstrapRefresh {
  try {
    const registry: unknown = JSON.parse(text);
    const bootstrap = parseBootstrap(registry);
    if (bootstrap === null) return { kind: 'failed', error: `${url} is not a bootstrap registry` };
    if (bootstrap.zones.size < inForce.zones.size * SHRINK_MIN) {
      return { kind: 'failed', error: `${url} names only ${bootstrap.zones.size} zones; kept the old one` };
    }
    if (bootstrap.publishedMs < inForce.publishedMs) return { kind: 'unchanged' };
    const validator = etag !== undefined && /^[\x20-\x7e]{1,500}$/.test(etag) ? etag : null;
    writeAtomically(bootstrapPath(stateDir), JSON.stringify({ etag: validator, registry }));
    return { kind: 'fresh', publishedMs: bootstrap.publishedMs, bootstrap };
  } catch (error) {
    return { kind: 'failed', error: `cannot keep ${url}: ${error instanceof Error ? error.message : error}` };
  }
}

function readSaved(stateDir: string): z.infer<typeof savedSchema> | null {
  try {
    const saved = savedSchema.safeParse(JSON.parse(readFileSync(bootstrapPath(stateDir), 'utf8')));
    return saved.success ? saved.data : null;
  } catch {
    // No file yet, or a damaged one: the embedded copy is there.
    return null;
  }
}
