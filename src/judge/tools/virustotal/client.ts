import { LRUCache } from 'lru-cache';
import { SlidingWindows } from '../../../async/sliding-windows.ts';
import type { Host } from '../../../model/brand.ts';
import { cleanText } from '../../../model/clean.ts';
import { parseRetryAfter } from '../../../net/retry-after.ts';
import { type Network, secureGet } from '../../../net/secure-get.ts';
import { readReport, type VirustotalReport } from './report.ts';

const BASE_URL = 'https://www.virustotal.com';
/** The longest time of one lookup, whoever still waits for it. */
export const LOOKUP_MAX_MS = 10_000;
const CONNECT_MS = 3_000;
const IDLE_MS = 6_000;
/** A domain with many records and certificates has about 100 KB. */
const BODY_MAX_BYTES = 1_048_576;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** What the public API gives (docs.virustotal.com, "Public vs Premium API"): lookups in any minute, and in any day. */
export const PER_MINUTE = 4;
const PER_DAY = 500;
/** A pause that the server asks for without saying how long; doubled each time, up to an hour, until an answer comes. */
export const PAUSE_MS = MINUTE_MS;
/** How long a refused key is not tried again. */
export const REFUSED_MS = HOUR_MS;

/** Answers kept, of about two kilobytes each; the least recently used goes first. */
const ANSWERS_MAX = 1_024;
export const REPORT_FOR_MS = DAY_MS;
/** A name that nobody submitted yet may be known soon. */
export const NOT_KNOWN_FOR_MS = HOUR_MS;
/** How long what is no answer is shared by those who wait for it, and no longer. */
const FAILED_FOR_MS = 1;

export interface VirustotalOptions {
  /** One word of printable ASCII characters. */
  readonly key: string;
  readonly network: Network;
  /** Unix milliseconds; and milliseconds of a clock that nobody sets. */
  readonly clock: () => number;
  readonly elapsed: () => number;
  /** Another server in its place; for tests. */
  readonly baseUrl?: string;
}

/** What came of a lookup: a report, null for a name that nobody submitted yet; or why nothing, which never holds the key. */
export type VirustotalAnswer = { readonly report: VirustotalReport | null } | { readonly failed: string };

/**
 * Looks hosts up at VirusTotal, within the quota of the key: answers are kept for a day, and those who ask for the same host at
 * once share one lookup. Straight to a checked address and no further: a redirect would take the key elsewhere.
 */
export class VirustotalClient {
  readonly #options: VirustotalOptions;
  readonly #answers: LRUCache<Host, VirustotalAnswer>;
  readonly #quota = new SlidingWindows([
    { most: PER_MINUTE, spanMs: MINUTE_MS },
    { most: PER_DAY, spanMs: DAY_MS },
  ]);
  /** Until when the server is left alone, and why. */
  #closedUntil = 0;
  #closedWhy = '';
  #pauseMs = PAUSE_MS;

  constructor(options: VirustotalOptions) {
    this.#options = options;
    this.#answers = new LRUCache<Host, VirustotalAnswer>({
      max: ANSWERS_MAX,
      ttl: REPORT_FOR_MS,
      ttlResolution: 0,
      perf: { now: options.elapsed },
      // Who waits for an answer gets it, though it was pushed out meanwhile.
      ignoreFetchAbort: true,
      fetchMethod: async (host, _stale, { options: kept }) => {
        const answer = this.#notNow() ?? (await this.#ask(host));
        if ('failed' in answer) kept.ttl = FAILED_FOR_MS;
        else kept.ttl = answer.report === null ? NOT_KNOWN_FOR_MS : REPORT_FOR_MS;
        return answer;
      },
    });
  }

  /** Never rejects; takes at most `LOOKUP_MAX_MS`, save that a slow name server can hold it up. */
  async lookup(host: Host): Promise<VirustotalAnswer> {
    return (await this.#answers.fetch(host)) ?? { failed: 'VirusTotal gave no answer' };
  }

  /** Why the server cannot be asked now; null counts as asked. */
  #notNow(): VirustotalAnswer | null {
    const nowMs = this.#options.elapsed();
    const closedMs = this.#closedUntil - nowMs;
    const waitMs = closedMs > 0 ? closedMs : this.#quota.take(nowMs);
    if (waitMs === 0) return null;
    const quotaWhy = `the ${PER_MINUTE} lookups a minute or ${PER_DAY} a day at VirusTotal are used up`;
    const why = closedMs > 0 ? this.#closedWhy : quotaWhy;
    return { failed: `${why}; it is asked again in ${Math.ceil(waitMs / SECOND_MS)} s` };
  }

  async #ask(host: Host): Promise<VirustotalAnswer> {
    const { key, network, clock, baseUrl = BASE_URL } = this.#options;
    const answer = await secureGet(new URL(`/api/v3/domains/${host}`, baseUrl), {
      ...network,
      headers: { accept: 'application/json', 'x-apikey': key },
      bodyMaxBytes: BODY_MAX_BYTES,
      connectMs: CONNECT_MS,
      idleMs: IDLE_MS,
      redirectsMax: 0,
      signal: AbortSignal.timeout(LOOKUP_MAX_MS),
    });
    if (answer.kind === 'failed')
      return { failed: `VirusTotal cannot be asked: ${cleanText(answer.detail)}` };
    switch (answer.status) {
      case 200: {
        // The server knows the key, and could say it.
        const report = readReport(answer.text.replaceAll(key, ''), host);
        if (report === null) return { failed: 'the answer of VirusTotal cannot be read' };
        this.#pauseMs = PAUSE_MS;
        return { report };
      }
      case 404:
        this.#pauseMs = PAUSE_MS;
        return { report: null };
      case 401:
      case 403:
        return this.#close(REFUSED_MS, 'VirusTotal refuses the key');
      // 204 is what the older API answers.
      case 204:
      case 429:
      case 503: {
        const askedMs = parseRetryAfter(answer.headers.get('retry-after'), clock()) ?? this.#pauseMs;
        this.#pauseMs = Math.min(HOUR_MS, this.#pauseMs * 2);
        return this.#close(askedMs, 'VirusTotal asks to be asked later');
      }
      default:
        return { failed: `VirusTotal answered with status ${answer.status}` };
    }
  }

  /** Leaves the server alone for a time, a second to a day. */
  #close(forMs: number, why: string): VirustotalAnswer {
    this.#closedUntil = this.#options.elapsed() + Math.min(DAY_MS, Math.max(SECOND_MS, forMs));
    this.#closedWhy = why;
    return { failed: why };
  }
}
