import type { RequestParams } from '../../src/control/client.ts';
import type { Event, Method, Result } from '../../src/control/protocol.ts';
import type { FlowRecord, Stage } from '../../src/model/flow.ts';
import type { InquiryReport, InquirySummary } from '../../src/schema/judge.ts';
import type { ListReport, ListUpdate } from '../../src/schema/list.ts';
import type { Prompt } from '../../src/schema/prompt.ts';
import type { Status } from '../../src/schema/status.ts';
import type { ScreenClient } from '../../tui/control/client.ts';

type WireFlow = Result<'flows'>['flows'][number];
type WireRule = Result<'rules.list'>['rules'][number];
type Handlers = { readonly [M in Method]: (params: RequestParams<M>) => Result<M> };
interface Change {
  readonly added: readonly WireRule[];
  readonly removed: readonly WireRule[];
}

const KEPT_FLOWS = 1_000;
const STEPS: readonly Stage[] = [
  'scope',
  'rules',
  'allowlist',
  'blocklist',
  'integrity',
  'generated',
  'trust',
  'cache',
  'judge',
  'person',
];

/** When the built-in lists of the tests were made: 2026-11-20. */
const BUILT_IN_AT = 1_795_132_800_000;

/** A built-in list that is on, unless told otherwise. */
export function listReport(part: Partial<ListReport> = {}): ListReport {
  return {
    ...{
      name: 'built-in ads',
      category: 'ads',
      entries: 1_234,
      skipped: 0,
      quarantined: 0,
      hits: 0,
      on: true,
    },
    ...{ at: BUILT_IN_AT, error: null, url: null, licence: null, checkedAt: null },
    ...part,
  };
}

/** A status of a healthy engine. */
export function healthyStatus(part: Partial<Status> = {}): Status {
  return {
    version: '0.1.0',
    pid: 777,
    startedAt: 1_795_175_000_000,
    mode: 'enforce',
    unattended: 'allow',
    failMode: 'open',
    proxy: { port: 297, configured: 297 },
    guardRunning: true,
    offload: { state: 'runs', carried: 0 },
    enforcement: { state: 'enforced', probedAt: 1_795_176_000_000, detail: null },
    interference: null,
    counts: {
      total: 1_204,
      allowed: 1_166,
      blocked: 31,
      defaulted: 7,
      held: 0,
      open: 12,
      refusedAtLimit: 0,
      notRedirected: 0,
      goneBeforeAccept: 0,
      turnedAway: 0,
      unknownOrigin: 13,
    },
    decisionUs: { p50: 42, p99: 2_100 },
    connectUs: { p50: 12_000, p99: 90_000 },
    loopLagMs: { p99: 1, max: 3 },
    ledger: { state: 'ok', error: null, queued: 0, lost: 0, path: '/var/lib/resolagent/ledger.db' },
    lists: [listReport({ name: 'builtin', category: 'allow', entries: 120, hits: 4 })],
    rules: 0,
    judge: {
      state: 'off',
      detail: null,
      model: 'gpt-oss-20b',
      apiUrl: 'http://127.0.0.1:1234/v1',
      running: 0,
      waiting: 0,
      done: 0,
      marked: 0,
      tokensToday: 0,
      dailyTokens: 1_000_000,
    },
    notify: 'never',
    config: { path: '/etc/resolagent/config.toml', error: null },
    memoryMb: 80,
    ...part,
  };
}

/** A small engine in this process: flows, rules with replace and undo, explanations made from the flow's verdict. */
export class FakeEngine implements ScreenClient {
  status: Status;
  rules: WireRule[] = [];
  /** Set to make rules answer `saved: false`. */
  ledgerFails = false;
  /** What the next update of the lists comes to. */
  listUpdates: ListUpdate[] = [];
  /** Set to refuse every request with this message. */
  refusal: string | null = null;
  /** What is asked now. */
  questions: readonly Prompt[] = [];
  inquiries: InquiryReport[] = [];
  /** Domains whose verdict of the judge is kept. */
  kept = new Set<string>();
  /** Set to keep replays waiting until it is settled. */
  replayGate: Promise<void> = Promise.resolve();
  /** An answer to a question waits for it. */
  answerGate: Promise<void> = Promise.resolve();
  /** Every request, in order. */
  readonly asked: { readonly method: Method; readonly params: unknown }[] = [];
  readonly #flows = new Map<number, FlowRecord>();
  readonly #undo: Change[] = [];
  #listener: (event: Event) => void = () => {};
  #closed: () => void = () => {};
  #nextRule = 1;

  constructor(flows: readonly FlowRecord[] = [], status: Status = healthyStatus()) {
    for (const flow of flows) this.#flows.set(flow.id, flow);
    this.status = status;
  }

  async request<M extends Method>(method: M, params: RequestParams<M>): Promise<Result<M>> {
    this.asked.push({ method, params });
    await Promise.resolve();
    if (this.refusal !== null) throw new Error(this.refusal);
    if (method === 'judge.replay') await this.replayGate;
    if (method === 'questions.answer') await this.answerGate;
    return this.#handlers[method](params);
  }

  onEvent(listener: (event: Event) => void): void {
    this.#listener = listener;
  }

  onClose(listener: () => void): void {
    this.#closed = listener;
  }

  /** New or newer flows, as the engine would tell them. */
  emit(flows: readonly FlowRecord[], missed = 0): void {
    for (const flow of flows) this.#flows.set(flow.id, flow);
    for (const id of [...this.#flows.keys()].slice(0, Math.max(0, this.#flows.size - KEPT_FLOWS)))
      this.#flows.delete(id);
    this.#listener({ event: 'flows', flows: flows.map(wire), missed });
  }

  emitStatus(part: Partial<Status>): void {
    this.status = { ...this.status, ...part };
    this.#listener({ event: 'status', status: this.status });
  }

  /** The whole list of open questions, as the engine tells it. */
  emitQuestions(questions: readonly Prompt[]): void {
    this.questions = questions;
    this.#listener({ event: 'questions', questions: [...questions] });
  }

  emitStopping(): void {
    this.#listener({ event: 'stopping' });
  }

  /** The connection ends. */
  die(): void {
    this.refusal = 'the engine is gone';
    this.#closed();
  }

  readonly #handlers: Handlers = {
    status: () => this.status,
    subscribe: ({ backlog = 0 }) => ({ flows: this.#latest(backlog), status: this.status }),
    flows: () => ({ flows: this.#latest(1_000), more: false }),
    explainFlow: ({ flow }) => this.#explain(flow),
    why: () => {
      throw new Error('the screen does not ask it');
    },
    explain: () => this.#explain([...this.#flows.keys()][0] ?? 0),
    'rules.list': () => ({ rules: this.rules }),
    'rules.add': ({ rules }) => this.#add(rules),
    'rules.remove': ({ rule }) => this.#remove(rule),
    'rules.undo': () => this.#takeBack(),
    'feedback.list': () => ({ examples: [] }),
    'feedback.forget': () => ({ forgotten: false }),
    'feedback.reset': () => ({ forgotten: 0 }),
    'lists.status': () => ({ lists: this.status.lists }),
    'lists.switch': ({ name, on }) => this.#switch(name, on),
    'lists.update': () => ({ results: this.listUpdates, resetFlows: 0 }),
    'lists.search': () => ({ hits: [] }),
    'lists.add': () => ({ resetFlows: 0 }),
    'lists.remove': () => ({ resetFlows: 0 }),
    'lists.diff': () => {
      throw new Error('there is no record of an update');
    },
    'judge.list': ({ limit = 100 }) => ({
      inquiries: this.inquiries.toReversed().slice(0, limit).map(summaryOf),
      more: this.inquiries.length > limit,
    }),
    'judge.show': ({ inquiry }) => ({ inquiry: this.#inquiry(inquiry) }),
    'judge.replay': ({ inquiry }) => this.#replay(inquiry),
    'judge.check': () => {
      throw new Error('no server is configured');
    },
    'judge.learned': () => ({ verdicts: [], more: 0 }),
    'judge.forget': ({ domain }) => ({ forgotten: this.kept.delete(domain), domain }),
    'questions.list': () => ({ questions: [...this.questions] }),
    'questions.answer': (params) => this.#answer(params),
    present: () => ({ present: true }),
    probe: () => this.status.enforcement,
    shutdown: () => ({ stopping: true }),
  };

  #latest(count: number): WireFlow[] {
    return [...this.#flows.values()].slice(-count).map(wire);
  }

  #inquiry(id: number): InquiryReport {
    const found = this.inquiries.find((inquiry) => inquiry.id === id);
    if (found === undefined)
      throw Object.assign(new Error(`no inquiry ${id} in the ledger`), { trouble: 'not_found' });
    return found;
  }

  /** The model of today finds nothing out. */
  #replay(id: number): Result<'judge.replay'> {
    const old = this.#inquiry(id);
    const inquiry: InquiryReport = {
      ...old,
      id: Math.max(...this.inquiries.map((one) => one.id)) + 1,
      outcome: { ...old.outcome, kind: 'unsure', reasons: ['not so sure any more'] },
      replayOf: id,
    };
    this.inquiries.push(inquiry);
    return { inquiry };
  }

  /** Settles a question; a rule is made for the name, and the next list follows after the answer. */
  #answer({ question, action, scope }: RequestParams<'questions.answer'>): Result<'questions.answer'> {
    const open = this.questions.find((one) => one.id === question);
    if (open === undefined) throw new Error('this question is no longer open');
    queueMicrotask(() => this.emitQuestions(this.questions.filter((one) => one.id !== question)));
    if (scope.kind === 'once') return { answered: open.waiting, rule: null, saved: true };
    const host = (scope.target === 'domain' ? open.domain : open.host) ?? open.ip;
    const app = scope.app === 'this' ? (open.apps[0]?.path ?? null) : null;
    const until = scope.forMs === null ? null : 1_795_176_000_000 + scope.forMs;
    const { rules, saved } = this.#add([{ action, host, app, until }]);
    return { answered: open.waiting, rule: rules[0]?.id ?? null, saved };
  }

  #add(drafts: RequestParams<'rules.add'>['rules']): Result<'rules.add'> {
    const added = drafts.map(
      (draft): WireRule => ({
        id: (this.#nextRule++).toString(16).padStart(8, '0') as WireRule['id'],
        action: draft.action,
        host: draft.host,
        port: draft.port ?? null,
        app: draft.app ?? null,
        user: draft.user ?? null,
        until: (draft.until ?? null) as WireRule['until'],
        createdAt: 1_795_176_000_000 as WireRule['createdAt'],
        origin: 'screen',
        note: draft.note ?? null,
      }),
    );
    const replaced = this.rules.filter((old) => added.some((rule) => rule.host === old.host));
    this.rules = [...this.rules.filter((rule) => !replaced.includes(rule)), ...added];
    this.#undo.push({ added, removed: replaced });
    const blocked = new Set(added.filter((rule) => rule.action === 'block').map((rule) => rule.host));
    const cut = [...this.#flows.values()].filter(
      (flow) => flow.state === 'open' && blocked.has(flow.target.host ?? flow.target.ip),
    );
    this.emitStatus({ rules: this.rules.length });
    return { rules: added, saved: !this.ledgerFails, resetFlows: cut.length };
  }

  #remove(id: string): Result<'rules.remove'> {
    const removed = this.rules.filter((rule) => rule.id === id);
    if (removed.length === 0) throw new Error(`there is no rule ${id}`);
    this.rules = this.rules.filter((rule) => rule.id !== id);
    this.#undo.push({ added: [], removed });
    return { rules: removed, saved: !this.ledgerFails };
  }

  #switch(name: string, on: boolean): Result<'lists.switch'> {
    const lists = this.status.lists.map((list) => (list.name === name ? { ...list, on } : list));
    this.emitStatus({ lists });
    return { resetFlows: on ? 2 : 0 };
  }

  #takeBack(): Result<'rules.undo'> {
    const last = this.#undo.pop();
    if (last === undefined) throw new Error('nothing to undo');
    this.rules = [...this.rules.filter((rule) => !last.added.includes(rule)), ...last.removed];
    return { added: [...last.removed], removed: [...last.added], saved: !this.ledgerFails };
  }

  #explain(id: number): Result<'explainFlow'> {
    const flow = this.#flows.get(id);
    if (flow === undefined) throw new Error(`there is no flow ${id}`);
    const won = STEPS.indexOf(flow.verdict.stage);
    const record = wire(flow);
    return {
      target: record.target,
      owner: flow.target.host === null ? null : { name: 'Example', kind: 'cdn' },
      verdict: record.verdict,
      mode: flow.mode,
      effect: flow.effect,
      defaulted: flow.defaulted,
      steps: STEPS.map((stage, index) => ({
        stage,
        outcome: index === won ? 'won' : index > 3 && index < 9 ? 'off' : index > won ? 'would' : 'passed',
        kind: index === won ? flow.verdict.kind : index > won && index === 9 ? 'ask' : null,
        evidence:
          index === won ? record.verdict.evidence : [{ kind: 'note', text: `${stage}: no entry for it` }],
      })),
    };
  }
}

function summaryOf(inquiry: InquiryReport): InquirySummary {
  const { id, at, input, outcome, marks, rounds, tokens, durationMs, model, replayOf } = inquiry;
  return {
    ...{ id, at, host: input.host, domain: input.domain, app: input.app.name, kind: outcome.kind },
    ...{ why: outcome.why, reason: outcome.reasons[0] ?? null, marks: marks.length, rounds: rounds.length },
    ...{ tokens: tokens.prompt + tokens.completion, durationMs, model, replayOf },
  };
}

function wire(flow: FlowRecord): WireFlow {
  return JSON.parse(JSON.stringify(flow));
}
