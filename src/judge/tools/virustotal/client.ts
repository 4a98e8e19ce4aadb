import { LRUCache } from 'lru-cache';
import type { Host } from '../../../model/brand.ts';
import { cleanText } from '../../../model/clean.ts';
import { type GetResponse, httpGet } from '../../../net/http-get.ts';
import { reachable } from '../../../net/reachable.ts';
import { bodyUpTo } from '../../../net/response-body.ts';
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
/** Characters of the key that must not stand in a row in what is told. */
const PART_CHARS = 8;

export interface VirustotalOptions {
  readonly key: string;
  /** Another server in its place; https only. */
  readonly baseUrl?: string | undefined;
  readonly network: Pick<ToolNetwork, 'allowPrivate' | 'ca'>;
  /** Unix milliseconds. */
  readonly clock: () => number;
}

/** How long what is no answer is shared by those who wait for it, and no longer. */
const FAILED_FOR_MS = 1;

/** What came of a lookup; `why` is one sentence, which never holds the key. */
export type VirustotalAnswer =
  | { readonly kind: 'report'; readonly report: VirustotalReport }
  | { readonly kind: 'not_known' }
  | { readonly kind: 'failed'; readonly why: string };

const ANSWER_FOR_MS: Readonly<Record<VirustotalAnswer['kind'], number>> = {
  report: REPORT_FOR_MS,
  not_known: NOT_KNOWN_FOR_MS,
  failed: FAILED_FOR_MS,
};

/**
 * Looks hosts up at VirusTotal, within the quota of the key: answers are kept for a day, and those who ask for the same host at
 * once share one lookup. Straight to a checked address and no further: a redirect would take the key elsewhere.
 */
export class VirustotalClient {
  readonly #options: VirustotalOptions;
  readonly #quota = new VirustotalQuota();
  readonly #answers: LRUCache<Host, VirustotalAnswer>;

  constructor(options: VirustotalOptions) {
    this.#options = options;
    this.#answers = new LRUCache<Host, VirustotalAnswer>({
      max: ANSWERS_MAX,
      ttl: REPORT_FOR_MS,
      ttlResolution: 0,
      perf: { now: options.clock },
      // Who waits for an answer gets it, though it was pushed out meanwhile.
      ignoreFetchAbort: true,
      fetchMethod: async (host, _stale, { options: kept }) => {
        const answer = await this.#ask(host);
        kept.ttl = ANSWER_FOR_MS[answer.kind];
        return answer;
      },
    });
  }

  /** Never rejects; takes at most `LOOKUP_MAX_MS`, save that a slow name server can hold it up. */
  async lookup(host: Host): Promise<VirustotalAnswer> {
    return (await this.#answers.fetch(host)) ?? failed('VirusTotal gave no answer');
  }

  async #ask(host: Host): Promise<VirustotalAnswer> {
    const { key, clock } = this.#options;
    if (!KEY.test(key)) return failed('the VirusTotal key has characters that no key has');
    const turn = this.#quota.take(clock());
    if (turn.kind === 'wait') return failed(waitText(turn));
    let response: GetResponse | null = null;
    try {
      response = await this.#get(host);
      return await this.#read(host, response);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      // Errors quote headers, and the server knows the key.
      return failed(
        `VirusTotal cannot be asked: ${holdsPartOf(key, said) ? 'its answer is odd' : cleanText(said)}`,
      );
    } finally {
      response?.close();
    }
  }

  async #get(host: Host): Promise<GetResponse> {
    const { key, network, baseUrl } = this.#options;
    const url = new URL(`/api/v3/domains/${host}`, baseUrl ?? BASE_URL);
    if (url.protocol !== 'https:') throw new Error('its address is not https');
    const signal = AbortSignal.timeout(LOOKUP_MAX_MS);
    const where = await reachable(url.hostname, { allowPrivate: network.allowPrivate });
    if (where.kind !== 'ok') throw new Error(where.why);
    const headers = { 'user-agent': 'resolagent', accept: 'application/json', 'accept-encoding': 'identity' };
    return httpGet(url, {
      headers: { ...headers, 'x-apikey': key },
      addresses: where.addresses,
      ca: network.ca,
      connectMs: CONNECT_MS,
      idleMs: IDLE_MS,
      signal,
    });
  }

  async #read(host: Host, response: GetResponse): Promise<VirustotalAnswer> {
    const { status, headers } = response.head;
    const { key, clock } = this.#options;
    switch (status) {
      case 200: {
        const { bytes, cut, isTooLong } = await bodyUpTo(response, BODY_MAX_BYTES);
        if (cut !== null && !isTooLong) throw new Error(cut);
        // The server knows the key, and could say it.
        const text = new TextDecoder().decode(bytes).replaceAll(key, '');
        const report = isTooLong ? null : readReport(text, host);
        if (report === null) return failed('the answer of VirusTotal cannot be read');
        this.#quota.answered();
        return { kind: 'report', report };
      }
      case 404:
        this.#quota.answered();
        return { kind: 'not_known' };
      case 401:
      case 403:
        this.#quota.refuse(clock());
        return failed('VirusTotal refuses the key');
      // 204 is what the older API answers.
      case 204:
      case 429:
      case 503:
        this.#quota.pause(clock(), parseRetryAfter(headers.get('retry-after'), clock()));
        return failed('VirusTotal asks to be asked later');
      default:
        return failed(`VirusTotal answered with status ${status}`);
    }
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

function failed(why: string): VirustotalAnswer {
  return { kind: 'failed', why };
}
