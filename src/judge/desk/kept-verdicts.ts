import { LRUCache } from 'lru-cache';
import type { RegistrableDomain, UnixMs } from '../../model/brand.ts';
import type { Inquiry, KeptVerdict, OutcomeWhy } from '../../model/inquiry.ts';
import type { Judgement, JudgeStore } from './ports.ts';

/** Verdicts that are kept; the least recently used goes first. */
const KEPT_MAX = 50_000;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A verdict from later than this after now was given by a clock that ran ahead: it would outlive its time. */
const AHEAD_MAX_MS = DAY_MS;
const ALLOW_FOR_MS = 30 * DAY_MS;
const BLOCK_FOR_MS = 7 * DAY_MS;
const UNSURE_FOR_MS = 6 * HOUR_MS;
/** An inquiry that ended without a verdict of the judge; where server, time or we failed, nothing is known of the domain. */
const OTHER_FOR_MS: Readonly<Record<Exclude<OutcomeWhy, 'judged'>, number>> = {
  allow_refused: DAY_MS,
  block_refused: DAY_MS,
  no_answer: HOUR_MS,
  rounds_over: HOUR_MS,
  tokens_over: HOUR_MS,
  time_over: 0,
  model_failed: 0,
  judge_broke: 0,
  stopped: 0,
};

/** What a verdict is for: a domain, and the program that asks, by its path; null for programs that are not known. */
export interface Judged {
  readonly domain: RegistrableDomain;
  readonly app: string | null;
}

/** Tells what is judged apart; no domain holds a blank. */
export function judgedKey({ domain, app }: Judged): string {
  return `${domain} ${app ?? ''}`;
}

/**
 * The judge's verdicts by registrable domain and program, each until it expires; those that allow are the learned allowlist. The
 * question is whether the domain fits the program, so an answer to it serves no other.
 */
export class KeptVerdicts {
  readonly #kept = new LRUCache<string, KeptVerdict>({ max: KEPT_MAX });

  /** `saved`: the newest first. */
  constructor(
    saved: readonly KeptVerdict[],
    private readonly store: Omit<JudgeStore, 'recordInquiry'>,
  ) {
    for (const verdict of saved.toReversed()) this.#kept.set(judgedKey(verdict), verdict);
  }

  /** The verdict in force; null when there is none, it has expired, or model or prompt have changed since. */
  get(judged: Judged, by: Judgement, now: UnixMs): KeptVerdict | null {
    const kept = this.#kept.get(judgedKey(judged));
    return kept !== undefined && isInForce(kept, by, now) ? kept : null;
  }

  /** Keeps what an inquiry came to; null when it came to nothing that lasts. */
  learn(inquiry: Inquiry, now: UnixMs): KeptVerdict | null {
    const forMs = keepForMs(inquiry.outcome);
    if (forMs === 0) return null;
    const kept: KeptVerdict = {
      domain: inquiry.input.domain,
      app: inquiry.input.app.path,
      kind: inquiry.outcome.kind,
      reasons: inquiry.outcome.reasons,
      marks: inquiry.marks.map((mark) => mark.text),
      inquiry: inquiry.id,
      model: inquiry.model,
      promptVersion: inquiry.promptVersion,
      at: now,
      expiresAt: (now + forMs) as UnixMs,
    };
    this.#kept.set(judgedKey(kept), kept);
    this.store.keepVerdict(kept);
    return kept;
  }

  /** Takes the verdicts on a domain back, for all programs; false when there is none. Also where they are saved: one may have had to go here. */
  forget(domain: RegistrableDomain): boolean {
    this.store.forgetVerdict(domain);
    const keys = [...this.#kept.keys()].filter((key) => key.startsWith(`${domain} `));
    for (const key of keys) this.#kept.delete(key);
    return keys.length > 0;
  }

  /** All in force, newest first. */
  list(by: Judgement, now: UnixMs): readonly KeptVerdict[] {
    return [...this.#kept.values()].filter((kept) => isInForce(kept, by, now)).sort((a, b) => b.at - a.at);
  }
}

function isInForce(kept: KeptVerdict, by: Judgement, now: UnixMs): boolean {
  const isNow = kept.expiresAt > now && kept.at <= now + AHEAD_MAX_MS;
  return isNow && kept.model === by.model && kept.promptVersion === by.promptVersion;
}

/** How long an outcome stands, so that a name is not asked about again and again; 0 is not at all. */
function keepForMs({ kind, why }: Inquiry['outcome']): number {
  if (why !== 'judged') return OTHER_FOR_MS[why];
  return kind === 'allow' ? ALLOW_FOR_MS : kind === 'block' ? BLOCK_FOR_MS : UNSURE_FOR_MS;
}
