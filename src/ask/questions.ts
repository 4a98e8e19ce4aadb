import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FlowId, Host, RegistrableDomain } from '../model/brand.ts';
import { cleanText } from '../model/clean.ts';
import type { Evidence, Origin, Verdict } from '../model/flow.ts';
import { interestingParent, programOf } from '../model/parent.ts';
import type { Subject } from '../model/subject.ts';
import { ECH_NOTE } from '../policy/decide.ts';
import type { Prompt } from '../schema/prompt.ts';
import { type Action, OnceAnswers } from './once-answers.ts';

/** Questions at once, and of them those that one program opened; past it nobody is asked, and `policy.unattended` holds. */
const QUESTIONS_MAX = 100;
const PROGRAM_MAX = 32;
/** Of one question: programs, ports, flows and findings that are told. */
const APPS_TOLD = 8;
const PORTS_TOLD = 8;
const FLOWS_TOLD = 64;
const FINDINGS_TOLD = 8;
/** Of a program's path: its end. */
const PATH_TOLD_CHARS = 512;
/** A program that joined less than this ago has not been read by whoever answers. */
const READ_MS = 300;

/** Flows that are settled without a pause for the others. */
const SETTLED_A_SLICE = 200;

/** A flow that can wait. */
export interface HeldFlow {
  readonly id: FlowId;
  decideAgain(): boolean;
  /** Its time to wait is over. */
  holdTimedOut(): void;
}

interface Program {
  readonly key: string;
  readonly origin: Origin;
  readonly joinedMs: number;
  flows: number;
}

interface Waiting {
  readonly flow: HeldFlow;
  readonly origin: Origin;
  readonly program: Program;
  readonly joinedMs: number;
  readonly since: number;
  readonly deadline: number;
}

/** An open question. */
export interface OpenQuestion {
  readonly id: number;
  readonly host: Host | null;
  readonly domain: RegistrableDomain | null;
  readonly ip: string;
  readonly ports: ReadonlySet<number>;
  readonly waiting: ReadonlyMap<FlowId, Waiting>;
}

interface Entry extends OpenQuestion {
  readonly ports: Set<number>;
  readonly waiting: Map<FlowId, Waiting>;
  /** Who asks, first come first. */
  readonly programs: Map<string, Program>;
  /** In whose name it counts. */
  readonly openedBy: string;
  readonly reason: string;
  readonly inquiry: number | null;
}

/** What questions need of the rest. */
export interface QuestionParts {
  /** How long a flow waits for a person, milliseconds. */
  readonly holdMs: () => number;
  /** What the judge found of a name for a program, by its path; null for one that is not known. */
  readonly findings: (
    domain: RegistrableDomain,
    app: string | null,
    host: Host,
  ) => { readonly inquiry: number; readonly findings: readonly string[] } | null;
}

/** The open questions to the person: the connections that wait for the same name make one. */
export class Questions {
  readonly #open = new Map<string, Entry>();
  readonly #byFlow = new Map<FlowId, Entry>();
  /** How many each program opened. */
  readonly #opened = new Map<string, number>();
  readonly #once: OnceAnswers;
  #nextId = 1;
  #present = true;
  #arrivedMs = Number.NEGATIVE_INFINITY;
  #changed = false;

  /** `clock` tells milliseconds, and nobody sets it. */
  constructor(
    private readonly parts: QuestionParts,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.#once = new OnceAnswers(clock);
  }

  /**
   * Whether a person is thought to be there, and has room for a connection's question. Once a question ran out unanswered nobody is
   * asked before a key was pressed, so that an empty chair costs one wait and not one a connection.
   */
  hasRoom(subject: Subject): boolean {
    if (!this.#present) return false;
    if (this.#open.has(keyOf(subject))) return true;
    return (
      this.#open.size < QUESTIONS_MAX && (this.#opened.get(programOf(subject.origin)) ?? 0) < PROGRAM_MAX
    );
  }

  /** A person gave a sign of life. */
  arrived(): void {
    this.#present = true;
    this.#arrivedMs = this.clock();
  }

  /** A question ran out. Whoever gave a sign of life since it was asked is there, and busy with another. */
  unanswered(): void {
    if (this.clock() - this.#arrivedMs >= this.parts.holdMs()) this.#present = false;
  }

  /** A flow waits for a person. */
  ask(flow: HeldFlow, subject: Subject, verdict: Verdict): void {
    this.gone(flow.id);
    const entry = this.#open.get(keyOf(subject)) ?? this.#begin(subject, verdict);
    const joinedMs = this.clock();
    const key = programOf(subject.origin);
    const program = entry.programs.get(key) ?? { key, origin: subject.origin, joinedMs, flows: 0 };
    program.flows++;
    entry.programs.set(key, program);
    entry.ports.add(subject.port);
    const since = Date.now();
    const deadline = since + this.parts.holdMs();
    entry.waiting.set(flow.id, { flow, origin: subject.origin, program, joinedMs, since, deadline });
    this.#byFlow.set(flow.id, entry);
    this.#changed = true;
  }

  #begin(subject: Subject, verdict: Verdict): Entry {
    const openedBy = programOf(subject.origin);
    const entry: Entry = {
      id: this.#nextId++,
      ...{ host: subject.host, domain: subject.domain, ip: subject.ip ?? '', openedBy },
      ...{ ports: new Set(), waiting: new Map(), programs: new Map() },
      reason: reasonOf(verdict),
      inquiry: inquiryOf(verdict.evidence),
    };
    this.#open.set(keyOf(subject), entry);
    this.#opened.set(openedBy, (this.#opened.get(openedBy) ?? 0) + 1);
    return entry;
  }

  /** A flow no longer waits. */
  gone(id: FlowId): void {
    const entry = this.#byFlow.get(id);
    const waiting = entry?.waiting.get(id);
    if (entry === undefined || waiting === undefined) return;
    this.#byFlow.delete(id);
    entry.waiting.delete(id);
    if (--waiting.program.flows === 0) entry.programs.delete(waiting.program.key);
    if (entry.waiting.size === 0) this.#end(entry);
    this.#changed = true;
  }

  #end(entry: Entry): void {
    this.#open.delete(nameOf(entry));
    const opened = (this.#opened.get(entry.openedBy) ?? 1) - 1;
    if (opened > 0) this.#opened.set(entry.openedBy, opened);
    else this.#opened.delete(entry.openedBy);
  }

  /** What a person answered within the last minute for this program and name. */
  answered(subject: Subject): Verdict | null {
    return this.#once.find(subject, keyOf(subject));
  }

  find(id: number): OpenQuestion | null {
    return this.#find(id);
  }

  #find(id: number): Entry | null {
    for (const entry of this.#open.values()) if (entry.id === id) return entry;
    return null;
  }

  /** Settles what waits for a question, and the same programs' next tries. Tells how many flows that were. */
  async answerOnce(open: OpenQuestion, action: Action): Promise<number> {
    const aimed = this.#aimedAt(open);
    for (const [i, { flow, origin }] of aimed.entries()) {
      this.#once.give(origin, nameOf(open), action, () => void flow.decideAgain());
      if ((i + 1) % SETTLED_A_SLICE === 0) await nextTurn();
    }
    return aimed.length;
  }

  /** The programs that an answer is for: those the person can have read. */
  programsOf(open: OpenQuestion): readonly Origin[] {
    return [...new Set(this.#aimedAt(open).map(({ program }) => program.origin))];
  }

  /**
   * The connections that an answer is for. A program that joined this moment, or that is beyond what is told, was not read: it goes
   * on waiting, and is asked about next.
   */
  #aimedAt({ id }: OpenQuestion): readonly Waiting[] {
    const entry = this.#find(id);
    if (entry === null) return [];
    const waiting = [...entry.waiting.values()];
    const readBy = this.clock() - READ_MS;
    const told = [...entry.programs.values()].slice(0, APPS_TOLD);
    const read = told.filter(({ joinedMs }) => joinedMs <= readBy);
    if (read.length === 0) return waiting.filter(({ program }) => told.includes(program));
    // What cannot be told from another may be another.
    return waiting.filter(
      ({ program, origin, joinedMs }) =>
        read.includes(program) && (origin.path !== null || joinedMs <= readBy),
    );
  }

  /** Whether what is to be told of the questions changed since this was asked last; findings may have. */
  takeChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  findingsChanged(): void {
    if (this.#open.size > 0) this.#changed = true;
  }

  /** Nobody is there to ask any more: what waits is decided without a person, a slice a call. */
  abandon(): void {
    for (const { flow } of [...take(this.#waiting(), SETTLED_A_SLICE)]) flow.holdTimedOut();
  }

  *#waiting(): Generator<Waiting> {
    for (const { waiting } of this.#open.values()) yield* waiting.values();
  }

  list(): readonly Prompt[] {
    return [...this.#open.values()].map((entry) => this.#report(entry));
  }

  #report(entry: Entry): Prompt {
    const { id, host, domain, ip, waiting, programs } = entry;
    const first = [...take(waiting.values(), FLOWS_TOLD)];
    const [asker] = programs.values();
    const app = asker?.origin.path ?? null;
    const judged = host === null || domain === null ? null : this.parts.findings(domain, app, host);
    return {
      ...{ id, host, domain, ip },
      ports: [...take(entry.ports, PORTS_TOLD)],
      apps: [...take(programs.values(), APPS_TOLD)].map(({ origin }) => appOf(origin)),
      flows: first.map(({ flow }) => flow.id),
      waiting: waiting.size,
      since: Math.min(...first.map(({ since }) => since)),
      deadline: Math.min(...first.map(({ deadline }) => deadline)),
      reason: entry.reason,
      inquiry: judged?.inquiry ?? entry.inquiry,
      findings: (judged?.findings ?? []).slice(0, FINDINGS_TOLD),
    };
  }
}

function* take<T>(items: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const item of items) {
    if (left-- === 0) return;
    yield item;
  }
}

function appOf({ name, path, user, parents }: Origin): Prompt['apps'][number] {
  const isLong = path !== null && path.length > PATH_TOLD_CHARS;
  return {
    ...{ name, user },
    path: isLong ? `…${path.slice(1 - PATH_TOLD_CHARS)}` : path,
    parent: interestingParent({ name, parents }),
  };
}

function keyOf(subject: Subject): string {
  return subject.host ?? subject.ip ?? '';
}

function nameOf({ host, ip }: OpenQuestion): string {
  return host ?? ip;
}

function inquiryOf(evidence: readonly Evidence[]): number | null {
  for (const item of evidence) if (item.kind === 'judge') return item.inquiry;
  return null;
}

/** What was noted last. That a name may be an outer one is noted of all that a browser asks, and is no reason. */
function reasonOf(verdict: Verdict): string {
  const notes = verdict.evidence.filter(({ kind, text }) => kind === 'note' && text !== ECH_NOTE.text);
  return cleanText(notes.at(-1)?.text ?? 'no rule, list or score decides it');
}
