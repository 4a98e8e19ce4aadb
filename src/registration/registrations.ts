import { join } from 'node:path';
import { parse } from 'tldts';
import { Semaphore } from '../async/semaphore.ts';
import type { RegistrableDomain } from '../model/brand.ts';
import { normalizeHost } from '../model/host.ts';
import {
  answerOf,
  type RegistrationAnswer,
  type Unknown,
  type UnknownAnswer,
  type UnknownWhy,
  unknown,
  unknownAnswer,
} from './answer.ts';
import { type Bootstrap, parseBootstrap } from './bootstrap.ts';
import { BOOTSTRAP_URL, type BootstrapRefresh, fetchBootstrap, loadBootstrap } from './bootstrap-file.ts';
import { Inquiry } from './inquiry.ts';
import type { RecordAnswer, RegistrationRecord } from './record.ts';
import { RecordBook, recordAnswerOf } from './record-book.ts';
import { RegistrationCache } from './registration-cache.ts';
import type { WhoisNetwork } from './whois.ts';

/** The longest that `ask` takes, and that `record` takes after an `ask` under way. */
const ASK_MAX_MS = 2_000;
const RECORD_MAX_MS = 6_000;
/** Inquiries at once, and those that wait for a place; past that, the answer is to ask later. */
const AT_ONCE = 32;
const WAITING_MAX = 256;
const REFRESH_MAX_MS = 30_000;
const WHOIS_PORT = 43;
const CROWDED_MS = 10_000;
const SOON_MS = 1_000;

/** What tests replace: nothing of it is for the product. */
export interface RegistrationTestOptions {
  readonly allowPrivate: boolean;
  readonly ca: string;
  readonly bootstrap: unknown;
  readonly bootstrapUrl: string;
  readonly ianaWhois: string;
  readonly whoisServers: Readonly<Record<string, string>>;
  readonly whoisPort: number;
}

export interface RegistrationOptions {
  /** The state folder, for `registrations.db` and the RDAP bootstrap; null keeps everything in memory. */
  readonly stateDir: string | null;
  /** Told once when the file cannot be used. */
  readonly onTrouble: (text: string) => void;
  readonly forTests?: Partial<RegistrationTestOptions>;
}

/** When registrable domains were registered, as their registries say: by RDAP, or WHOIS for zones without it; cached. */
export class Registrations {
  readonly #stateDir: string | null;
  readonly #cache: RegistrationCache;
  readonly #network: WhoisNetwork;
  readonly #inquiry: Inquiry;
  readonly #inFlight = new Semaphore(AT_ONCE, WAITING_MAX);
  readonly #asked = new Map<RegistrableDomain, Promise<RegistrationAnswer>>();
  readonly #records = new RecordBook();
  readonly #ends = new Set<AbortController>();
  readonly #bootstrapUrl: string;
  readonly #opened: Promise<void>;
  #bootstrap: Bootstrap | null;
  #refresh: Promise<BootstrapRefresh> | null = null;
  #closed = false;

  constructor({ stateDir, onTrouble, forTests: tests = {} }: RegistrationOptions) {
    this.#stateDir = stateDir;
    this.#cache = new RegistrationCache(stateDir && join(stateDir, 'registrations.db'), onTrouble);
    this.#network = {
      allowPrivate: tests.allowPrivate ?? false,
      ca: tests.ca,
      whoisPort: tests.whoisPort ?? WHOIS_PORT,
    };
    this.#inquiry = new Inquiry(this.#network, tests.ianaWhois, tests.whoisServers);
    this.#bootstrapUrl = tests.bootstrapUrl ?? BOOTSTRAP_URL;
    this.#bootstrap = tests.bootstrap === undefined ? null : parseBootstrap(tests.bootstrap);
    this.#opened = this.#cache.open();
  }

  /** What is known of a domain now; null when it must be asked for. No IO; microseconds. */
  age(domain: RegistrableDomain): RegistrationAnswer | null {
    return this.#cache.get(domain, Date.now()) ?? this.#unaskable(domain);
  }

  /**
   * What is known of a domain, asking its registry if need be: one inquiry at a time a domain, shared by all who wait. Never
   * rejects, and takes at most two seconds.
   */
  ask(domain: RegistrableDomain): Promise<RegistrationAnswer> {
    const known = this.age(domain);
    if (known !== null) return Promise.resolve(known);
    const running = this.#asked.get(domain);
    if (running !== undefined) return running;
    if (this.#asked.size >= AT_ONCE + WAITING_MAX) return Promise.resolve(later(CROWDED_MS));
    // The record that is being fetched will tell the date too.
    if (this.#records.isAsking(domain)) return Promise.resolve(later(SOON_MS));
    const started = this.#find(domain).finally(() => this.#asked.delete(domain));
    this.#asked.set(domain, started);
    return started;
  }

  /**
   * All that the registry, and of a thin one the registrar, says of a domain: kept for a day, one inquiry at a time a domain,
   * which an `ask` under way is. Of a platform's own domain (github.io) it is the platform's. Never rejects, and takes at most
   * eight seconds.
   */
  record(domain: RegistrableDomain): Promise<RecordAnswer> {
    const nowMs = Date.now();
    const why = unrecorded(domain);
    if (why !== null) return Promise.resolve(unknownAnswer(unknown(why), nowMs));
    const known = this.#records.get(domain, nowMs);
    if (known !== null) return known;
    if (this.#records.asking >= WAITING_MAX) return Promise.resolve(later(CROWDED_MS));
    return this.#records.start(domain, this.#findRecord(domain), () => later(SOON_MS));
  }

  /** Fetches IANA's registry of RDAP services into the state folder, if it changed. Never rejects; on failure the old one stays. */
  refreshBootstrap(): Promise<BootstrapRefresh> {
    const stateDir = this.#stateDir;
    if (stateDir === null)
      return Promise.resolve({ kind: 'failed', error: 'there is no state folder to keep it in' });
    this.#refresh ??= this.#within(REFRESH_MAX_MS, async (signal) => {
      const result = await fetchBootstrap(
        stateDir,
        this.#services(),
        this.#bootstrapUrl,
        this.#network,
        signal,
      );
      if (result.kind === 'fresh') this.#bootstrap = result.bootstrap;
      return result;
    }).finally(() => {
      this.#refresh = null;
    });
    return this.#refresh;
  }

  /** Ends what runs, with an answer for all who wait, and writes the cache. */
  close(): void {
    this.#closed = true;
    for (const end of this.#ends) end.abort();
    this.#cache.close();
  }

  /** Names that no registry is asked about. */
  #unaskable(domain: RegistrableDomain): RegistrationAnswer | null {
    if (normalizeHost(domain) !== (domain as string)) return answerOf(unknown('no_service'), Date.now());
    const parsed = parse(domain, { allowPrivateDomains: true, detectIp: false });
    if (parsed.isPrivate === true) return answerOf(unknown('platform_suffix'), Date.now());
    // Names of the own network (.internal, .local) are nobody else's business.
    if (parsed.isIcann !== true || parsed.domain === null) return answerOf(unknown('no_service'), Date.now());
    return parsed.domain === (domain as string) ? null : answerOf(unknown('platform_suffix'), Date.now());
  }

  async #find(domain: RegistrableDomain): Promise<RegistrationAnswer> {
    await this.#opened;
    const saved = this.#cache.get(domain, Date.now());
    if (saved !== null) return saved;
    const finding = await this.#within(ASK_MAX_MS, (signal) =>
      Promise.race([
        this.#placed(signal, () => this.#inquiry.make(domain, this.#services(), signal)),
        ended(signal),
      ]),
    );
    if (this.#closed) return later(SOON_MS);
    const answer = answerOf(finding, Date.now());
    this.#cache.set(domain, answer);
    return answer;
  }

  /** Null when all was closed meanwhile. */
  async #findRecord(domain: RegistrableDomain): Promise<RecordAnswer | null> {
    await this.#opened;
    await this.#asked.get(domain);
    const finding = await this.#within(RECORD_MAX_MS, (signal) =>
      Promise.race([
        this.#placed(signal, () => this.#inquiry.record(domain, this.#services(), signal)),
        ended(signal),
      ]),
    );
    if (this.#closed) return null;
    const nowMs = Date.now();
    const answer = recordAnswerOf(finding, nowMs);
    if (answer.kind === 'record') this.#noteDate(domain, answer.record, nowMs);
    return answer;
  }

  /** A record tells what `ask` would have asked for; of a platform's domain it is not the customers' date. */
  #noteDate(domain: RegistrableDomain, { registeredAt, source }: RegistrationRecord, nowMs: number): void {
    if (registeredAt === null || this.#unaskable(domain) !== null) return;
    if (this.#cache.get(domain, nowMs)?.kind === 'registered') return;
    this.#cache.set(domain, answerOf({ kind: 'registered', at: registeredAt, source }, nowMs));
  }

  /** Runs work whose signal comes after a time, or when all is closed. */
  async #within<T>(limitMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(), limitMs);
    this.#ends.add(end);
    if (this.#closed) end.abort();
    try {
      return await work(end.signal);
    } finally {
      clearTimeout(timer);
      this.#ends.delete(end);
    }
  }

  /** Holds its place until all of it has ended, a slow name server too, so that such cannot pile up. */
  async #placed<T>(signal: AbortSignal, inquire: () => Promise<T>): Promise<T | Unknown> {
    if (!(await this.#inFlight.enter(signal))) return unknown('rate_limited', CROWDED_MS);
    try {
      return await inquire();
    } finally {
      this.#inFlight.leave();
    }
  }

  #services(): Bootstrap {
    this.#bootstrap ??= loadBootstrap(this.#stateDir);
    return this.#bootstrap;
  }
}

/** Settles when the signal comes. */
function ended(signal: AbortSignal): Promise<Unknown> {
  return new Promise((resolve) => {
    const timedOut = (): void => resolve(unknown('timed_out'));
    if (signal.aborted) timedOut();
    else signal.addEventListener('abort', timedOut, { once: true });
  });
}

function later(forMs: number): UnknownAnswer {
  return unknownAnswer(unknown('rate_limited', forMs), Date.now());
}

/** Why no registry has a record of a name: it is no registered domain. Platforms are, their customers are not. */
function unrecorded(domain: RegistrableDomain): UnknownWhy | null {
  if (normalizeHost(domain) !== (domain as string)) return 'no_service';
  const parsed = parse(domain, { detectIp: false });
  if (parsed.isIcann !== true || parsed.domain === null) return 'no_service';
  return parsed.domain === (domain as string) ? null : 'platform_suffix';
}
