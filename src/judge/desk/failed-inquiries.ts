import { LRUCache } from 'lru-cache';
import type { RegistrableDomain } from '../../model/brand.ts';
import { cleanText } from '../../model/clean.ts';
import type { Inquiry } from '../../model/inquiry.ts';

/** Domains whose failed inquiries are remembered; the least recently used goes first. */
const FAILED_MAX = 1_000;
/** How long nothing is asked about a domain after two failures in a row; doubled with each further one, up to the longest. */
const PAUSE_FIRST_MS = 1_000;
const PAUSE_MAX_MS = 60_000;
/** A failure that long after the last pause is the first again. */
const ROW_MS = 60_000;

/** The last failed inquiry into a domain. */
export interface FailedInquiry {
  readonly inquiry: number;
  /** One sentence for a person, cleaned. */
  readonly text: string;
  /** In a row. */
  readonly times: number;
  /** By the clock of the engine. */
  readonly pausedUntilMs: number;
}

/**
 * Inquiries that ended because the model, its server or we failed. They say nothing of a domain, so that the next connection begins
 * another; only where they fail in a row are there pauses, so that a program that tries again and again makes no flood of them.
 */
export class FailedInquiries {
  readonly #byDomain = new LRUCache<RegistrableDomain, FailedInquiry>({ max: FAILED_MAX });

  /** `clock` tells milliseconds, and nobody sets it. */
  constructor(private readonly clock: () => number = () => performance.now()) {}

  add({ id, model, input: { domain }, outcome: { reasons } }: Inquiry): void {
    const times = (this.get(domain)?.times ?? 0) + 1;
    const pauseMs = times === 1 ? 0 : Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** (times - 2));
    const text = cleanText(`${model} failed to give a verdict: ${reasons[0] ?? 'no reason given'}`);
    this.#byDomain.set(domain, { inquiry: id, text, times, pausedUntilMs: this.clock() + pauseMs });
  }

  /** Null when there was none, or it is long ago. */
  get(domain: RegistrableDomain): FailedInquiry | null {
    const failed = this.#byDomain.get(domain);
    return failed !== undefined && this.clock() < failed.pausedUntilMs + ROW_MS ? failed : null;
  }

  /** Why nothing is asked about a domain for a while; null when it is. */
  whyPaused(domain: RegistrableDomain): string | null {
    const failed = this.get(domain);
    const leftMs = (failed?.pausedUntilMs ?? 0) - this.clock();
    if (failed === null || leftMs <= 0) return null;
    return `the judge is not asked for ${Math.ceil(leftMs / 1_000)} s: ${failed.text}`;
  }

  forget(domain: RegistrableDomain): void {
    this.#byDomain.delete(domain);
  }

  /** Another server, or one that is back: what failed may do. */
  clear(): void {
    this.#byDomain.clear();
  }
}
