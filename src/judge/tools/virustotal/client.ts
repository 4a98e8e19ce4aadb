import { LRUCache } from 'lru-cache';
import type { Host } from '../../../model/brand.ts';
import { cleanText } from '../../../model/clean.ts';
import { bodyText } from '../../../net/body-text.ts';
import { type GetResponse, httpGet } from '../../../net/http-get.ts';
import { parseRetryAfter } from '../../../net/retry-after.ts';
import type { ToolNetwork } from '../tool.ts';
import { PER_DAY, PER_MINUTE, type Turn, VirustotalQuota } from './quota.ts';
import { readReport, type VirustotalReport } from './report.ts';

const BASE_URL = 'https://www.virustotal.com';
/** The longest time of one lookup, whoever still waits for it. */
export const LOOKUP_MAX_MS = 10_000;
const CONNECT_MS = 3_000;
const IDLE_MS = 6_000;
/** A domain with many records and certificates has about 100 KB. */
const BODY_MAX_BYTES = 1_048_576;

/** Answers kept, of about two kilobytes each; the least recently used goes first. */
const ANSWERS_MAX = 1_024;
export const REPORT_FOR_MS = 86_400_000;
/** A name that nobody submitted yet may be known soon. */
export const NOT_KNOWN_FOR_MS = 3_600_000;

/** What a key looks like; anything else would break the header it goes into. */
const KEY = /^[\x21-\x7e]{1,200}$/;

export interface VirustotalOptions {
  readonly key: string;
  /** Another server in its place; https only. */
  readonly baseUrl?: string | undefined;
  readonly network: ToolNetwork;
  /** Unix milliseconds. */
  readonly clock: () => number;
}

/** Characters of the key that must not stand in a row in what is told. */
const PART_CHARS = 8;

/** What came of a lookup. */
export type Lookup =
  | { readonly kind: 'report'; readonly report: VirustotalReport }
  | { readonly kind: 'not_known' }
  /** One sentence; never holds the key. */
  | { readonly kind: 'failed'; readonly why: string };

/**
 * Looks hosts up at VirusTotal, within the quota of the key: answers are kept for a day, and those who ask for the same host at
 * once share one lookup. Straight to a checked address and no further: a redirect would take the key elsewhere.
 */
export class VirustotalClient {
  readonly #options: VirustotalOptions;
  readonly #quota = new VirustotalQuota();
  readonly #answers = new LRUCache<Host, { readonly lookup: Lookup; readonly until: number }>({
    max: ANSWERS_MAX,
  });
  readonly #asked = new Map<Host, Promise<Lookup>>();

  constructor(options: VirustotalOptions) {
    this.#options = options;
  }

  /** Never rejects; takes at most `LOOKUP_MAX_MS`, save that a slow name server can hold it up. */
  lookup(host: Host): Promise<Lookup> {
    const nowMs = this.#options.clock();
    const known = this.#answers.get(host);
    if (known !== undefined && known.until > nowMs && known.until <= nowMs + REPORT_FOR_MS)
      return Promise.resolve(known.lookup);
    const running = this.#asked.get(host);
    if (running !== undefined) return running;
    if (!KEY.test(this.#options.key))
      return Promise.resolve(failed('the VirusTotal key has characters that no key has'));
    const turn = this.#quota.take(nowMs);
    if (turn.kind === 'wait') return Promise.resolve(failed(waitText(turn)));
    const started = this.#ask(host).finally(() => this.#asked.delete(host));
    this.#asked.set(host, started);
    return started;
  }

  async #ask(host: Host): Promise<Lookup> {
    const end = new AbortController();
    const timer = setTimeout(
      () => end.abort(new Error(`no answer within ${LOOKUP_MAX_MS} ms`)),
      LOOKUP_MAX_MS,
    );
    let response: GetResponse | null = null;
    try {
      response = await this.#get(host, end.signal);
      return await this.#read(host, response);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      // Errors quote headers, and the server knows the key.
      return failed(
        `VirusTotal cannot be asked: ${holdsPartOf(this.#options.key, said) ? 'its answer is odd' : cleanText(said)}`,
      );
    } finally {
      clearTimeout(timer);
      response?.close();
    }
  }

  #get(host: Host, signal: AbortSignal): Promise<GetResponse> {
    const { key, network, baseUrl } = this.#options;
    const url = new URL(`/api/v3/domains/${host}`, baseUrl ?? BASE_URL);
    if (url.protocol !== 'https:') throw new Error('its address is not https');
    return httpGet(url, {
      headers: {
        'user-agent': 'resolagent',
        accept: 'application/json',
        'accept-encoding': 'identity',
        'x-apikey': key,
      },
      allowPrivate: network.allowLoopback,
      ca: network.ca,
      connectMs: CONNECT_MS,
      idleMs: IDLE_MS,
      signal,
    });
  }

  async #read(host: Host, response: GetResponse): Promise<Lookup> {
    const { status, headers } = response.head;
    switch (status) {
      case 200: {
        const text = await bodyText(response, BODY_MAX_BYTES);
        // The server knows the key, and could say it.
        const report = text === null ? null : readReport(text.replaceAll(this.#options.key, ''), host);
        if (report === null) return failed('the answer of VirusTotal cannot be read');
        return this.#keep(host, { kind: 'report', report }, REPORT_FOR_MS);
      }
      case 404:
        return this.#keep(host, { kind: 'not_known' }, NOT_KNOWN_FOR_MS);
      case 401:
      case 403:
        this.#quota.refuse(this.#options.clock());
        return failed('VirusTotal refuses the key');
      // 204 is what the older API answers.
      case 204:
      case 429:
      case 503: {
        const nowMs = this.#options.clock();
        this.#quota.pause(nowMs, parseRetryAfter(headers.get('retry-after'), nowMs));
        return failed('VirusTotal asks to be asked later');
      }
      default:
        return failed(`VirusTotal answered with status ${status}`);
    }
  }

  #keep(host: Host, lookup: Lookup, forMs: number): Lookup {
    this.#quota.answered();
    this.#answers.set(host, { lookup, until: this.#options.clock() + forMs });
    return lookup;
  }
}

function waitText({ why, forMs }: Extract<Turn, { kind: 'wait' }>): string {
  const again = `it is asked again in ${Math.ceil(forMs / 1_000)} s`;
  switch (why) {
    case 'refused':
      return `VirusTotal refuses the key; ${again}`;
    case 'paused':
      return `VirusTotal asked to be asked later; ${again}`;
    case 'quota':
      return `the ${PER_MINUTE} lookups a minute or ${PER_DAY} a day at VirusTotal are used up; ${again}`;
    default:
      return why satisfies never;
  }
}

/** Whether a text repeats a part of a secret that is long enough to tell something of it. */
function holdsPartOf(secret: string, text: string): boolean {
  for (let at = 0; at + PART_CHARS <= secret.length; at++) {
    if (text.includes(secret.slice(at, at + PART_CHARS))) return true;
  }
  return false;
}

function failed(why: string): Lookup {
  return { kind: 'failed', why };
}
