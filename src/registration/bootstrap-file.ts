import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '../files/atomic-file.ts';
import { type Network, secureGet } from '../net/secure-get.ts';
import { type Bootstrap, embeddedBootstrap, parseBootstrap } from './bootstrap.ts';

/** Where IANA publishes the registry of RDAP services. */
const BOOTSTRAP_URL = 'https://data.iana.org/rdap/dns.json';
/** The registry has about 75 KB. */
const BODY_MAX_BYTES = 1_048_576;
const STEP_MS = 10_000;
/** A newer registry that names less than this share of the zones is taken for a broken one. */
const SHRINK_MIN = 0.5;

const savedSchema = z.object({ etag: z.string().max(500).nullable(), registry: z.unknown() });

/** What came of fetching the registry anew. `publishedMs` is when IANA published what is now in force. */
export type BootstrapRefresh =
  | { readonly kind: 'fresh'; readonly publishedMs: number }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'failed'; readonly error: string };

/** The file in the state folder. */
export const bootstrapPath = (stateDir: string): string => join(stateDir, 'rdap-dns.json');

/** The RDAP services in force: the newer one of the registry that was saved and the one embedded, until a newer one is fetched. */
export class BootstrapFile {
  readonly #stateDir: string | null;
  readonly #network: Network;
  readonly #url: string;
  #inForce: Bootstrap | null;

  /** `stateDir` null keeps nothing. `url` and `given` replace what is fetched and in force; for tests. */
  constructor(stateDir: string | null, network: Network, url = BOOTSTRAP_URL, given?: unknown) {
    this.#stateDir = stateDir;
    this.#network = network;
    this.#url = url;
    this.#inForce = given === undefined ? null : parseBootstrap(given);
  }

  /** Reads the file when it is first asked. A saved registry that cannot be read is passed over. */
  get inForce(): Bootstrap {
    if (this.#inForce !== null) return this.#inForce;
    const embedded = embeddedBootstrap();
    const saved = this.#stateDir === null ? null : parseBootstrap(readSaved(this.#stateDir)?.registry);
    this.#inForce = saved !== null && saved.publishedMs > embedded.publishedMs ? saved : embedded;
    return this.#inForce;
  }

  /** Fetches the registry, unless it is unchanged, checks it and saves it. Never rejects; on failure the old one stays. */
  async refresh(signal: AbortSignal): Promise<BootstrapRefresh> {
    const url = this.#url;
    if (this.#stateDir === null) return failed('there is no state folder to keep it in');
    const etag = readSaved(this.#stateDir)?.etag ?? null;
    const answer = await secureGet(new URL(url), {
      ...this.#network,
      headers: { accept: 'application/json', ...(etag === null ? {} : { 'if-none-match': etag }) },
      bodyMaxBytes: BODY_MAX_BYTES,
      connectMs: STEP_MS,
      idleMs: STEP_MS,
      signal,
    });
    if (answer.kind === 'failed') return failed(`cannot fetch ${url}: ${answer.detail}`);
    if (answer.status === 304 && etag !== null) return { kind: 'unchanged' };
    if (answer.status !== 200) return failed(`${url} answered with status ${answer.status}`);
    try {
      return this.#adopt(this.#stateDir, JSON.parse(answer.text), answer.headers.get('etag'));
    } catch (error) {
      return failed(`cannot keep ${url}: ${error instanceof Error ? error.message : error}`);
    }
  }

  #adopt(stateDir: string, registry: unknown, etag: string | undefined): BootstrapRefresh {
    const bootstrap = parseBootstrap(registry);
    if (bootstrap === null) return failed(`${this.#url} is not a bootstrap registry`);
    if (bootstrap.zones.size < this.inForce.zones.size * SHRINK_MIN)
      return failed(`${this.#url} names only ${bootstrap.zones.size} zones; kept the old one`);
    if (bootstrap.publishedMs < this.inForce.publishedMs) return { kind: 'unchanged' };
    const validator = etag !== undefined && /^[\x20-\x7e]{1,500}$/.test(etag) ? etag : null;
    writeAtomically(bootstrapPath(stateDir), JSON.stringify({ etag: validator, registry }));
    this.#inForce = bootstrap;
    return { kind: 'fresh', publishedMs: bootstrap.publishedMs };
  }
}

function failed(error: string): BootstrapRefresh {
  return { kind: 'failed', error };
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
