import { join } from 'node:path';
import { inTime } from '../async/in-time.ts';
import { Semaphore } from '../async/semaphore.ts';
import { untilAbort } from '../async/until-abort.ts';
import type { RegistrableDomain } from '../model/brand.ts';
import {
  ageOf,
  type Finding,
  type Found,
  holds,
  type RecordAnswer,
  type RegistrationAnswer,
  recordOf,
  type UnknownAnswer,
  unknown,
  unknownAnswer,
} from './answer.ts';
import { BootstrapFile, type BootstrapRefresh } from './bootstrap-file.ts';
import { Lookup, mayTellMore } from './lookup.ts';
import { ageless, unrecorded } from './registrable.ts';
import { type Find, type Known, RegistrationCache } from './registration-cache.ts';
import type { WhoisNetwork } from './whois.ts';

/** The longest that `ask` takes, and that `record` takes after an `ask` under way. */
const ASK_MAX_MS = 2_000;
const RECORD_MAX_MS = 6_000;
/** Lookups at once, and those that wait for a place; past that, the answer is to ask later. */
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

/** What registries say of registrable domains: by RDAP, or WHOIS for zones without it; cached. */
export class Registrations {
  readonly #cache: RegistrationCache;
  readonly #bootstrap: BootstrapFile;
  readonly #lookup: Lookup;
  readonly #places = new Semaphore(AT_ONCE, WAITING_MAX);
  readonly #ends = new Set<AbortController>();
  readonly #opened: Promise<void>;
  #refresh: Promise<BootstrapRefresh> | null = null;
  #closed = false;

  constructor({ stateDir, onTrouble, forTests: tests = {} }: RegistrationOptions) {
    const network: WhoisNetwork = {
      allowPrivate: tests.allowPrivate ?? false,
      ca: tests.ca,
      whoisPort: tests.whoisPort ?? WHOIS_PORT,
    };
    this.#cache = new RegistrationCache(
      stateDir && join(stateDir, 'registrations.db'),
      onTrouble,
      this.#find,
    );
    this.#bootstrap = new BootstrapFile(stateDir, network, tests.bootstrapUrl, tests.bootstrap);
    this.#lookup = new Lookup(network, tests.ianaWhois, tests.whoisServers);
    this.#opened = this.#cache.open();
  }

  /** When a domain was registered, as far as that is known now; null when it must be asked for. No IO; microseconds. */
  age(domain: RegistrableDomain): RegistrationAnswer | null {
    const known = this.#cache.get(domain);
    if (known !== null && holds(known.age, Date.now())) return known.age;
    const why = ageless(domain);
    return why === null ? null : unknownAnswer(unknown(why), Date.now());
  }

  /** When a domain was registered, asking its registry if need be. Never rejects, and takes at most two seconds. */
  async ask(domain: RegistrableDomain): Promise<RegistrationAnswer> {
    const age = this.age(domain);
    if (age !== null) return age;
    const known = await inTime(this.#known(domain, false), ASK_MAX_MS);
    return known?.age ?? unknownAnswer(unknown('timed_out'), Date.now());
  }

  /**
   * All that the registry, and of a thin one the registrar, says of a domain: kept for a day. Of a platform's own domain (github.io)
   * it is the platform's. Never rejects, and takes at most eight seconds.
   */
  async record(domain: RegistrableDomain): Promise<RecordAnswer> {
    const why = unrecorded(domain);
    if (why !== null) return unknownAnswer(unknown(why), Date.now());
    const known = await this.#known(domain, true);
    // The lookup that was under way was for the age alone.
    const whole = isWhole(known) ? known : await this.#known(domain, true);
    return whole.record ?? later(SOON_MS);
  }

  /** Fetches IANA's registry of RDAP services into the state folder, if it changed. Never rejects; on failure the old one stays. */
  refreshBootstrap(): Promise<BootstrapRefresh> {
    const refresh =
      this.#refresh ?? this.#within(REFRESH_MAX_MS, (signal) => this.#bootstrap.refresh(signal));
    this.#refresh = refresh;
    return refresh.finally(() => {
      this.#refresh = null;
    });
  }

  /** Ends what runs, with an answer for all who wait, and writes the cache. */
  close(): void {
    this.#closed = true;
    for (const end of this.#ends) end.abort();
    this.#cache.close();
  }

  /** What is known of a domain, from the cache while it holds, else by a lookup. */
  async #known(domain: RegistrableDomain, wantsRecord: boolean): Promise<Known> {
    await this.#opened;
    const known = this.#cache.get(domain);
    if (known !== null && (wantsRecord ? isWhole(known) : holds(known.age, Date.now()))) return known;
    const found = this.#places.isFull ? null : await this.#cache.fetch(domain, wantsRecord);
    return found ?? { age: later(CROWDED_MS), record: later(CROWDED_MS), more: null };
  }

  readonly #find: Find = async (domain, before, wantsRecord) => {
    const part = partOf(before);
    const look = (signal: AbortSignal): Promise<Finding> =>
      wantsRecord
        ? this.#lookup.record(domain, part, this.#bootstrap.inForce, signal)
        : this.#lookup.age(domain, this.#bootstrap.inForce, signal);
    const finding = await this.#within(
      wantsRecord ? RECORD_MAX_MS : ASK_MAX_MS,
      async (signal) => (await untilAbort(this.#placed(signal, look), signal)) ?? unknown('timed_out'),
    );
    return this.#closed ? undefined : knownOf(domain, finding, before, wantsRecord);
  };

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
  async #placed(signal: AbortSignal, look: (signal: AbortSignal) => Promise<Finding>): Promise<Finding> {
    if (!(await this.#places.enter(signal))) return unknown('rate_limited', CROWDED_MS);
    try {
      return await look(signal);
    } finally {
      this.#places.leave();
    }
  }
}

/** What a registry said before, for a lookup that goes on from there. */
function partOf(before: Known | null): Found | null {
  const record = before?.record;
  if (record?.kind !== 'record' || !holds(record, Date.now())) return null;
  return { kind: 'found', record: record.record, undated: 'no_date', more: before?.more ?? null };
}

/** What a lookup adds to what was known; what holds is not lost to a failure. */
function knownOf(
  domain: RegistrableDomain,
  finding: Finding,
  before: Known | null,
  wantsRecord: boolean,
): Known {
  const nowMs = Date.now();
  const why = ageless(domain);
  const told = ageOf(why === null ? finding : unknown(why), nowMs);
  const isKept = told.kind === 'unknown' && before?.age.kind === 'registered' && holds(before.age, nowMs);
  const age = isKept ? before.age : told;
  if (finding.kind === 'found') return { age, record: recordOf(finding, nowMs), more: finding.more };
  // A registrar that does not answer is not asked again while the rest of the record holds.
  if (partOf(before) !== null)
    return { age, record: before?.record ?? null, more: wantsRecord ? null : (before?.more ?? null) };
  const isOpen = !wantsRecord && mayTellMore(finding.why);
  return { age, record: isOpen ? null : unknownAnswer(finding, nowMs), more: null };
}

/** The record, or why there is none, is known and holds. */
function isWhole({ record, more }: Known): boolean {
  return record !== null && more === null && holds(record, Date.now());
}

function later(forMs: number): UnknownAnswer {
  return unknownAnswer(unknown('rate_limited', forMs), Date.now());
}
