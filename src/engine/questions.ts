import type { AnswerScope, Question as QuestionReport } from '../control/judge-schema.ts';
import type { RuleDraft } from '../control/schema.ts';
import type { FlowId, Host, RegistrableDomain } from '../model/brand.ts';
import { cleanText } from '../model/clean.ts';
import type { Evidence, Origin, Verdict } from '../model/flow.ts';
import type { Question } from '../policy/decide.ts';

/** Questions at once; past it nobody is asked, and `policy.unattended` holds. */
const QUESTIONS_MAX = 500;
/** Of one question: programs, ports, flows and findings that are told. */
const APPS_TOLD = 8;
const PORTS_TOLD = 8;
const FLOWS_TOLD = 64;
const FINDINGS_TOLD = 8;
/** How long an answer for once holds for the same program and name: programs try again at once. */
const ONCE_MS = 60_000;
const ANSWERS_MAX = 1_000;

/** A flow that can wait. */
export interface Held {
  readonly id: FlowId;
  decideAgain(): boolean;
  /** Its time to wait is over. */
  holdTimedOut(): void;
}

interface Waiting {
  readonly flow: Held;
  readonly origin: Origin;
  readonly sinceMs: number;
}

interface Open {
  readonly id: number;
  readonly host: Host | null;
  readonly ip: string;
  readonly ports: Set<number>;
  readonly waiting: Map<FlowId, Waiting>;
  readonly reason: string;
  readonly inquiry: number | null;
}

interface OnceAnswer {
  readonly action: 'allow' | 'block';
  readonly untilMs: number;
}

/** What questions need of the rest. */
export interface QuestionParts {
  /** How long a flow waits for a person, milliseconds. */
  readonly holdMs: () => number;
  readonly domainOf: (host: Host) => RegistrableDomain | null;
  /** What the judge found of a name. */
  readonly findings: (
    host: Host,
  ) => { readonly inquiry: number; readonly findings: readonly string[] } | null;
}

/** The open questions to the person: the connections that wait for the same name make one. */
export class Questions {
  readonly #open = new Map<string, Open>();
  readonly #byFlow = new Map<FlowId, string>();
  readonly #once = new Map<string, OnceAnswer>();
  #nextId = 1;
  #present = true;
  #changed = false;

  constructor(private readonly parts: QuestionParts) {}

  /**
   * Whether a person is thought to be there. Once a question ran out unanswered nobody is asked before a key was pressed, so that
   * an empty chair costs one wait and not one a connection.
   */
  get attended(): boolean {
    return this.#present && this.#open.size < QUESTIONS_MAX;
  }

  arrived(): void {
    this.#present = true;
  }

  unanswered(): void {
    this.#present = false;
  }

  /** A flow waits for a person. */
  ask(flow: Held, q: Question, verdict: Verdict): void {
    const key = keyOf(q);
    let open = this.#open.get(key);
    if (open === undefined) {
      open = {
        id: this.#nextId++,
        host: q.host,
        ip: q.ip ?? '',
        ports: new Set(),
        waiting: new Map(),
        reason: reasonOf(verdict),
        inquiry: inquiryOf(verdict.evidence),
      };
      this.#open.set(key, open);
    }
    open.ports.add(q.port);
    open.waiting.set(flow.id, { flow, origin: q.origin, sinceMs: Date.now() });
    this.#byFlow.set(flow.id, key);
    this.#changed = true;
  }

  /** A flow no longer waits. */
  gone(id: FlowId): void {
    const key = this.#byFlow.get(id);
    const open = key === undefined ? undefined : this.#open.get(key);
    if (key === undefined || open === undefined) return;
    this.#byFlow.delete(id);
    open.waiting.delete(id);
    if (open.waiting.size === 0) this.#open.delete(key);
    this.#changed = true;
  }

  /** What a person answered within the last minute for this program and name. */
  answered(q: Question): Verdict | null {
    if (this.#once.size === 0) return null;
    const answer = this.#once.get(onceKey(q.origin, keyOf(q)));
    if (answer === undefined || answer.untilMs <= Date.now()) return null;
    const text = answer.action === 'allow' ? 'you allowed it for once' : 'you blocked it for once';
    return { kind: answer.action, stage: 'person', reason: 'answered', evidence: [{ kind: 'note', text }] };
  }

  find(id: number): Open | null {
    for (const open of this.#open.values()) if (open.id === id) return open;
    return null;
  }

  /** Settles what waits for a question, and the same program's next tries. Returns how many flows waited. */
  answerOnce(open: Open, action: 'allow' | 'block'): number {
    const key = open.host ?? open.ip;
    const waiting = [...open.waiting.values()];
    const untilMs = Date.now() + ONCE_MS;
    for (const { origin } of waiting) {
      if (this.#once.size >= ANSWERS_MAX) this.#once.clear();
      this.#once.set(onceKey(origin, key), { action, untilMs });
    }
    for (const { flow } of waiting) flow.decideAgain();
    return waiting.length;
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

  /** Nobody is attached any more: what waits is decided without a person. */
  abandon(): void {
    for (const open of [...this.#open.values()]) {
      for (const { flow } of [...open.waiting.values()]) flow.holdTimedOut();
    }
  }

  list(): readonly QuestionReport[] {
    return [...this.#open.values()].map((open) => this.#report(open));
  }

  #report(open: Open): QuestionReport {
    const waiting = [...open.waiting.values()];
    const sinceMs = Math.min(...waiting.map((each) => each.sinceMs));
    const judged = open.host === null ? null : this.parts.findings(open.host);
    return {
      id: open.id,
      host: open.host,
      domain: open.host === null ? null : this.parts.domainOf(open.host),
      ip: open.ip,
      ports: [...open.ports].slice(0, PORTS_TOLD),
      apps: appsOf(waiting),
      flows: waiting.slice(0, FLOWS_TOLD).map((each) => each.flow.id),
      waiting: waiting.length,
      since: sinceMs,
      deadline: sinceMs + this.parts.holdMs(),
      reason: open.reason,
      inquiry: judged?.inquiry ?? open.inquiry,
      findings: (judged?.findings ?? []).slice(0, FINDINGS_TOLD),
    };
  }
}

/** The rules that say what a person answered; a sentence when they cannot be made. */
export function rulesFor(
  open: Open,
  action: 'allow' | 'block',
  scope: Extract<AnswerScope, { kind: 'rule' }>,
  domain: RegistrableDomain | null,
  now: number,
): readonly RuleDraft[] | string {
  const name = open.host === null ? open.ip : `=${open.host}`;
  const rule = {
    action,
    host: scope.target === 'domain' ? (domain ?? name) : name,
    port: null,
    user: null,
    until: scope.forMs === null ? null : now + scope.forMs,
    note: null,
  };
  if (scope.app === 'all') return [{ ...rule, app: null }];
  const apps = appsOf([...open.waiting.values()]).map((app) => app.path ?? app.name);
  if (apps.length === 0 || apps.includes(null)) {
    return 'the program that asks is not known, so no rule can name it; answer once, or for every app';
  }
  return apps.map((app) => ({ ...rule, app }));
}

function appsOf(waiting: readonly Waiting[]): QuestionReport['apps'] {
  const apps = new Map<string, QuestionReport['apps'][number]>();
  for (const { origin } of waiting) {
    if (apps.size >= APPS_TOLD) break;
    const parent = origin.parents[0]?.name ?? null;
    apps.set(appOf(origin), { name: origin.name, path: origin.path, user: origin.user, parent });
  }
  return [...apps.values()];
}

function keyOf(q: Question): string {
  return q.host ?? q.ip ?? '';
}

function appOf(origin: Origin): string {
  return origin.path ?? origin.name ?? '';
}

function onceKey(origin: Origin, key: string): string {
  return `${key} ${origin.uid ?? ''} ${appOf(origin)}`;
}

function inquiryOf(evidence: readonly Evidence[]): number | null {
  for (const item of evidence) if (item.kind === 'judge') return item.inquiry;
  return null;
}

function reasonOf(verdict: Verdict): string {
  const last = verdict.evidence.filter((item) => item.kind === 'note').at(-1);
  return cleanText(last?.text ?? 'no rule, list or score decides it');
}
