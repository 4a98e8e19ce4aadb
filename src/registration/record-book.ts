import { LRUCache } from 'lru-cache';
import type { RegistrableDomain, UnixMs } from '../model/brand.ts';
import { possibleDate, unknownAnswer } from './answer.ts';
import type { RecordFinding } from './inquiry.ts';
import type { RecordAnswer } from './record.ts';

/** Records kept in memory, of about two kilobytes each; the least recently used goes first. */
const RECORDS_MAX = 512;
/** How long a record is kept: a domain may be sold or suspended any day. */
export const RECORD_FOR_MS = 86_400_000;

/** The records of domains that were asked for, and the inquiries under way: one at a time a domain, shared by all who wait. */
export class RecordBook {
  readonly #answers = new LRUCache<RegistrableDomain, RecordAnswer>({ max: RECORDS_MAX });
  readonly #asked = new Map<RegistrableDomain, Promise<RecordAnswer>>();

  /** Inquiries under way. */
  get asking(): number {
    return this.#asked.size;
  }

  isAsking(domain: RegistrableDomain): boolean {
    return this.#asked.has(domain);
  }

  /** The answer for a domain while it holds, or that of the inquiry under way; null when it must be asked for. */
  get(domain: RegistrableDomain, nowMs: number): Promise<RecordAnswer> | null {
    const running = this.#asked.get(domain);
    if (running !== undefined) return running;
    const known = this.#answers.get(domain);
    if (known === undefined) return null;
    const until = known.kind === 'record' ? known.fetchedAt + RECORD_FOR_MS : known.retryAt;
    return until > nowMs ? Promise.resolve(known) : null;
  }

  /** Shares an inquiry with all who ask meanwhile, and keeps its answer; null is not kept, and the answer is `otherwise`. */
  start(
    domain: RegistrableDomain,
    inquiry: Promise<RecordAnswer | null>,
    otherwise: () => RecordAnswer,
  ): Promise<RecordAnswer> {
    const shared = inquiry
      .finally(() => this.#asked.delete(domain))
      .then((answer) => {
        if (answer !== null) this.#answers.set(domain, answer);
        return answer ?? otherwise();
      });
    this.#asked.set(domain, shared);
    return shared;
  }
}

/** Dates a finding; a registration date that cannot be is left out of the record. */
export function recordAnswerOf(finding: RecordFinding, nowMs: number): RecordAnswer {
  if (finding.kind === 'unknown') return unknownAnswer(finding, nowMs);
  const { registeredAt } = finding.record;
  const at = registeredAt === null ? null : possibleDate(registeredAt, nowMs);
  return { kind: 'record', record: { ...finding.record, registeredAt: at }, fetchedAt: nowMs as UnixMs };
}
